import { spawnSync } from 'node:child_process';

/** What all namespaces of the bench begin with. */
export const prefix = 'realip-bench-';

/** Runs `ip`; @throws Error with what it said */
export function ip(...args: string[]): void {
  const run = spawnSync('ip', args, { encoding: 'utf8' });
  if (run.status !== 0) {
    throw new Error(`ip ${args.join(' ')}: ${run.stderr}`);
  }
}

/** Runs `ip` in a namespace, from one line of words. */
export function ipIn(namespace: string, words: string): void {
  ip('-n', namespace, ...words.split(' '));
}

/** Makes a namespace with loopback up; what a killed bench left of the name goes first. */
export function makeNamespace(name: string): void {
  removeNamespace(name);
  ip('netns', 'add', name);
  ipIn(name, 'link set lo up');
}

export function removeNamespace(name: string): void {
  spawnSync('ip', ['netns', 'delete', name]);
}

/** A node with an uplink: a cable of which both ends lie in the node’s namespace. @returns its namespace */
export function makeLonelyNode(): string {
  const node = `${prefix}node`;
  makeNamespace(node);
  ipIn(node, 'link add eth0 type veth peer name lan');
  ipIn(node, 'address add 10.9.0.11/16 dev eth0');
  ipIn(node, 'link set eth0 up');
  ipIn(node, 'link set lan up');
  return node;
}
