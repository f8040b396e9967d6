import { until } from '../server/until.ts';
import type { Cluster } from './cluster.ts';

/** Milliseconds that a node may take to be as the ledger has it: a second or two on a quiet machine. */
export const keptMs = 60_000;

const taintOf = ({ key, value, effect }: Record<string, string>) => `${key}=${value ?? ''}:${effect}`;

/** What a Node says of its zone, of its addresses and of who keeps it; other things only where they are ours. */
export async function nodeOf(cluster: Cluster, name: string): Promise<Record<string, unknown>> {
  const { metadata, spec, status } = await cluster.must('GET', `/api/v1/nodes/${name}`);
  return {
    zone: metadata.labels?.['realip.io/zone'],
    type: metadata.labels?.['realip.io/zone-type'],
    by: metadata.annotations?.['realip.io/managed-by'],
    taints: (spec.taints ?? []).map(taintOf),
    capacity: status.capacity?.['realip.io/ip'],
    allocatable: status.allocatable?.['realip.io/ip'],
  };
}

/** Waits until a Node says this; @throws Error with what it says instead */
export async function kept(cluster: Cluster, name: string, wanted: Record<string, unknown>): Promise<void> {
  const isWanted = async () => {
    const node = await nodeOf(cluster, name);
    return Object.entries(wanted).every(
      ([key, value]) => JSON.stringify(node[key]) === JSON.stringify(value),
    );
  };
  await until(`node ${name} is as the ledger has it`, isWanted, keptMs).catch(async () => {
    expect(await nodeOf(cluster, name)).toMatchObject(wanted);
  });
}

/** Waits until a Node has so many addresses to bind pods to. */
export function hasCapacity(cluster: Cluster, name: string, count: number): Promise<void> {
  return kept(cluster, name, { capacity: `${count}`, allocatable: `${count}` });
}
