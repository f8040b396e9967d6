import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ip, makeLonelyNode, prefix, removeNamespace } from './namespaces.ts';
import { startServer } from './server.ts';
import { goMacvlan, goMacvlanName, realip, runBeside, type Side } from './side.ts';
import type { Comparison } from './statistics.ts';

/** How many pods come and go at once. */
export const size = 100;
const pods = Array.from({ length: size }, (_, index) => `${prefix}crowd-${index}`);

/** A hundred ADDs at once in fresh namespaces, then their DELs. @returns milliseconds from first start to last end */
export async function liveAll(
  node: string,
  side: Side,
  round: number,
): Promise<{ ADD: number; DEL: number }> {
  for (const pod of pods) {
    ip('netns', 'add', pod);
  }
  try {
    const call = (pod: string, command: 'ADD' | 'DEL', prevResult?: unknown) =>
      runBeside(side, { node, pod, command, containerId: `${side.name}-${round}-${pod}`, prevResult });
    const began = performance.now();
    const results = await Promise.all(pods.map((pod) => call(pod, 'ADD')));
    const added = performance.now();
    await Promise.all(pods.map((pod, index) => call(pod, 'DEL', results[index])));
    return { ADD: added - began, DEL: performance.now() - added };
  } finally {
    pods.forEach(removeNamespace);
  }
}

/** A node that starts, with all its pods at once. */
export async function benchCrowd(dist: string, rounds: number): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  const node = makeLonelyNode();
  const server = await startServer(dist, folder, { namespace: node });
  try {
    await server.declare('10.9.0.0/16', '10.9.0.1', ['10.9.1.0', '10.9.200.255']);
    const ipam = { type: 'realip-ipam', server: server.url, node: 'n1', stateDir: folder };
    const [ours, theirs] = [realip(dist, ipam), goMacvlan(folder)];
    const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
    for (let round = 0; round < rounds; round++) {
      times.ours.push((await liveAll(node, ours, round)).ADD);
      times.theirs.push((await liveAll(node, theirs, round)).ADD);
    }
    return {
      ...times,
      name: `${size} ADDs at once`,
      conditions: 'HTTP to the server on the same machine, SQLite, shim, no duplicate probe',
      unit: 'ms',
      peer: goMacvlanName,
    };
  } finally {
    await server.stop();
    removeNamespace(node);
    rmSync(folder, { recursive: true, force: true });
  }
}
