import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentNode } from './agent-node.ts';

/** A place in the agent's life at which it is killed: in front of a system call. */
export interface KillPoint {
  readonly syscall: string;
  /** A file that the call must concern; absent: any. */
  readonly path?: string;
  /** Which of these calls, from the thread's first on. */
  readonly when: number;
}

const onFiles = [
  'openat',
  'write',
  'pwrite64',
  'writev',
  'fsync',
  'fdatasync',
  'ftruncate',
  'rename',
  'flock',
];
const onSockets = ['bind', 'accept4', 'connect', 'sendto', 'sendmsg'];

export function describePoint({ syscall, path, when }: KillPoint): string {
  return `${syscall} ${when}${path === undefined ? '' : ` of ${path.split('/').at(-1)}`}`;
}

/** The words that run a program under strace, which writes to a file. */
function strace(file: string, ...words: string[]): string[] {
  const traced = [...onFiles, ...onSockets].join();
  return ['strace', '-f', '-qq', '-y', '-o', file, '-e', `trace=${traced}`, '-e', 'signal=none', ...words];
}

/** The words that trace a whole life, for `killPoints`. */
export function watching(file: string): string[] {
  rmSync(file, { force: true });
  return strace(file);
}

/** The words that kill what runs at a point. */
export function killing({ syscall, path, when }: KillPoint, file: string): string[] {
  const filter = path === undefined ? [] : ['-P', path];
  return strace(file, ...filter, '-e', `inject=${syscall}:signal=KILL:when=${when}`);
}

/** Every point of a traced life that concerns the agent's state, its socket or a server. */
export function killPoints(file: string, node: AgentNode): KillPoint[] {
  const counts = new Map<string, number>();
  const points: KillPoint[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, thread = '', syscall = ''] = /^(\d+)\s+(\w+)\(/.exec(line) ?? [];
    const path = line
      .match(/[<"](\/[^>"]*)[>"]/g)
      ?.map((each) => each.slice(1, -1))
      .find((each) => each.startsWith(node.stateDir));
    if (onFiles.includes(syscall) ? path === undefined : !onSockets.includes(syscall)) {
      continue;
    }
    const key = `${thread} ${syscall} ${path}`;
    const when = (counts.get(key) ?? 0) + 1;
    counts.set(key, when);
    points.push({ syscall, when, ...(path === undefined || onSockets.includes(syscall) ? {} : { path }) });
  }
  return points;
}

/** The agent's own process id, where a tracer runs it. */
export function tracedPid(tracer: number): number {
  const children = readFileSync(join('/proc', `${tracer}`, 'task', `${tracer}`, 'children'), 'utf8');
  return Number(children.trim().split(' ')[0]);
}
