import type { Capacity } from './capacities.ts';
import { changeOf, type NodeObject, toldPods, type WantedNode } from './node-object.ts';

/** A Node that doesn't say what the ledger does. */
export interface Behind {
  readonly name: string;
  /** Null for one that the ledger doesn't know. */
  readonly wanted: WantedNode | null;
  /** Who has more of it comes first. */
  readonly urgency: number;
}

/**
 * The Nodes that don't say what the ledger does, the most urgent first: those that say nothing or the wrong zone, then
 * those whose scheduler errs most by their own measure. An allocation from a shared range changes the figure of
 * every node of the zone, and of most by a part that matters to nobody.
 */
export function nodesBehind(
  nodes: ReadonlyMap<string, NodeObject>,
  wanted: ReadonlyMap<string, WantedNode>,
  capacities: ReadonlyMap<string, Capacity>,
): Behind[] {
  const behind: Behind[] = [];
  for (const [name, node] of nodes) {
    const meant = wanted.get(name) ?? null;
    // Where nobody is known, a server runs on a new ledger by mistake rather than all nodes have left.
    if (meant === null && wanted.size === 0) {
      continue;
    }
    const { status, object } = changeOf(node, meant);
    if (status !== null || object !== null) {
      const urgency = object === null ? urgencyOf(node, capacities.get(name)) : Number.POSITIVE_INFINITY;
      behind.push({ name, wanted: meant, urgency });
    }
  }
  return behind.sort((a, b) => b.urgency - a.urgency);
}

/** By what part of what is free the scheduler errs. */
function urgencyOf(node: NodeObject, capacity: Capacity | undefined): number {
  const told = toldPods(node);
  if (capacity === undefined || told === null) {
    return Number.POSITIVE_INFINITY;
  }
  const used = capacity.total - capacity.free;
  return Math.abs(capacity.total - told) / (1 + Math.max(0, Math.min(capacity.free, told - used)));
}
