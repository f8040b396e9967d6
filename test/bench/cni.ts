import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schedule } from '../../cni/probe/probing.ts';
import { ip, makeLonelyNode, prefix, removeNamespace } from './namespaces.ts';
import { startServer } from './server.ts';
import { goMacvlan, goMacvlanName, realip, run, type Side } from './side.ts';
import type { Comparison } from './statistics.ts';

const sandbox = `${prefix}pod`;

/** The times of one attachment’s life. */
export type Life = Readonly<Record<'ADD' | 'CHECK' | 'DEL', number>>;

/** ADD, CHECK and DEL in a fresh pod namespace, as a runtime calls them that keeps the result. */
export function live(node: string, side: Side, round: number): Life {
  ip('netns', 'add', sandbox);
  try {
    const call = { node, pod: sandbox, containerId: `${side.name}-${round}` };
    const added = run(side, { ...call, command: 'ADD' });
    const checked = run(side, { ...call, command: 'CHECK', prevResult: added.result });
    const deleted = run(side, { ...call, command: 'DEL', prevResult: added.result });
    return { ADD: added.milliseconds, CHECK: checked.milliseconds, DEL: deleted.milliseconds };
  } finally {
    ip('netns', 'delete', sandbox);
  }
}

interface Conditions {
  readonly tls: boolean;
  /** Whether realip asks the network for its addresses first; the peer never does. */
  readonly probe: boolean;
}

async function compare(
  dist: string,
  node: string,
  { tls, probe }: Conditions,
  rounds: number,
): Promise<readonly Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  const server = await startServer(dist, folder, { namespace: node, tls });
  try {
    await server.declare('10.9.0.0/16', '10.9.0.1', ['10.9.1.0', '10.9.200.255']);
    const { url, caFile } = server;
    const ipam = { type: 'realip-ipam', server: url, node: 'n1', caFile, stateDir: folder };
    const [ours, theirs] = [realip(dist, ipam, { duplicateDetection: probe }), goMacvlan(folder)];
    for (const side of [ours, theirs]) {
      live(node, side, -1);
    }
    const pairs = Array.from({ length: rounds }, (_, round) => ({
      ours: live(node, ours, round),
      theirs: live(node, theirs, round),
    }));
    const asking = probe ? `realip’s duplicate probe of ${schedule.end} ms` : 'no duplicate probe';
    const conditions = `${tls ? 'HTTPS' : 'HTTP'} to the server on the same machine, SQLite, shim, ${asking}`;
    return (['ADD', 'CHECK', 'DEL'] as const).map((name) => ({
      name,
      conditions,
      unit: 'ms',
      peer: goMacvlanName,
      ours: pairs.map((pair) => pair.ours[name]),
      theirs: pairs.map((pair) => pair.theirs[name]),
      ...(name === 'ADD' && !probe && { target: 1.2 }),
    }));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The whole plugin against Go's macvlan + host-local, in the same namespaces, in turn. */
export async function benchCni(dist: string, rounds: number): Promise<Comparison[]> {
  const node = makeLonelyNode();
  try {
    const probing = await compare(dist, node, { tls: false, probe: true }, rounds);
    return [
      ...(await compare(dist, node, { tls: false, probe: false }, rounds)),
      ...(await compare(dist, node, { tls: true, probe: false }, rounds)),
      // Its CHECK and DEL are no others than those of the first.
      ...probing.filter(({ name }) => name === 'ADD'),
    ];
  } finally {
    removeNamespace(sandbox);
    removeNamespace(node);
  }
}
