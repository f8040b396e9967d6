/** Stable names of all that preflight can find, for scripts; docs/cni.md lists them. */
export const findingIds = [
  'conf',
  'conf-missing',
  'conf-unreadable',
  'conf-not-json',
  'conf-duplicate-key',
  'conf-unknown-key',
  'conf-unknown-capability',
  'conf-invalid',
  'conf-no-realip',
  'portmap-on-macvlan',
  'master',
  'master-missing',
  'master-down',
  'master-in-bridge',
  'mtu-too-large',
  'macvlan',
  'macvlan-refused',
  'kernel-lacks-macvlan',
  'kernel-lacks-vlan',
  'kernel-lacks-veth',
  'veth-refused',
  'network-incomplete',
  'rp-filter',
  'bridge-filter',
  'not-root',
  'forwarding-off',
  'nat-refused',
  'duplicate-address',
  'foreign-mac',
  'mac-filtered',
  'gateway-silent',
  'mtu-path',
  'agent',
  'agent-away',
  'clock-skew',
  'cluster',
  'daemonset-intolerant',
  'server',
  'server-away',
  'server-refuses',
  'no-address-free',
] as const;

export type FindingId = (typeof findingIds)[number];

/** What preflight found about one thing, good or bad; the shape of `-o json`. */
export interface Finding {
  readonly id: FindingId;
  /** An error keeps pods from working, a warning may. */
  readonly level: 'error' | 'warning' | 'ok';
  readonly message: string;
  /** What to do; '' where nothing is to be done. */
  readonly cure: string;
}

export function ok(id: FindingId, message: string): Finding {
  return { id, level: 'ok', message, cure: '' };
}

export function error(id: FindingId, message: string, cure: string): Finding {
  return { id, level: 'error', message, cure };
}

export function warning(id: FindingId, message: string, cure: string): Finding {
  return { id, level: 'warning', message, cure };
}
