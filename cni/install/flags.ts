import { Problem } from '../../core/problem/problem.ts';

/** Where things are on a node; every part of realip looks there by itself. */
export const usual = {
  binDir: '/opt/cni/bin',
  confDir: '/etc/cni/net.d',
  socket: '/run/realip/agent.sock',
  state: '/var/lib/realip',
} as const;

/** Sorts before flannel's and Calico's, after Multus'. */
export const confName = '00-realip.conflist';

export interface InstallFlags {
  readonly remove?: boolean;
  readonly conf?: string;
  readonly binDir: string;
  readonly confDir: string;
  readonly socket?: string;
  readonly state?: string;
  /** Such as `60s`. */
  readonly wait: string;
  readonly drained?: boolean;
  readonly purge?: boolean;
  /** False by `--no-agent`. */
  readonly agent: boolean;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** @param text such as `60s`, `2m`, `500ms`; @returns milliseconds; @throws Problem INSTALL_FLAG_INVALID */
export function durationOf(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
  if (count === undefined) {
    throw new Problem('INSTALL_FLAG_INVALID', `--wait is "${text}"; write a time such as 60s, 2m or 500ms`);
  }
  return Number(count) * (units[unit] ?? 1);
}
