import { usageOfPool } from '../addresses/usage.ts';
import { planOf } from '../allocation/plan.ts';
import type { Source } from '../allocation/source.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';

/** So many addresses a node may hold of shared ranges also where that is more than its part of a half. */
export const few = 4;

/** What of a subnet a node may hold in reserve. */
export interface Portion {
  readonly network: Network;
  /** Its own ranges: all of it, nobody else may use them. */
  readonly own: readonly Source[];
  /** The zone's, for any pod. */
  readonly shared: readonly Source[];
}

/** The subnets of which a node may hold addresses in reserve. Ranges for some pods are never among them. */
export function portionsOf(ledger: Ledger, node: string, zone: string): Portion[] {
  const { ipv4, ipv6 } = planOf(ledger, node, zone);
  const bySubnet = new Map<Network, { own: Source[]; shared: Source[] }>();
  for (const source of [...ipv4.own, ...ipv6.own, ...ipv4.shared, ...ipv6.shared]) {
    const { own, shared } = bySubnet.get(source.network) ?? { own: [], shared: [] };
    (source.pool.spec.node === undefined ? shared : own).push(source);
    bySubnet.set(source.network, { own, shared });
  }
  return Array.from(bySubnet, ([network, parts]) => ({ network, ...parts }));
}

/**
 * How many addresses of shared ranges one node may hold: its part of a half of what is free or in any reserve, so
 * that the other half is there for who asks without one. A few in any case, while that leaves every node and those
 * who ask as many.
 *
 * @param nodes how many nodes the zone has
 */
export function sharedLimit({ shared }: Portion, nodes: number, now: number): number {
  let available = 0;
  for (const { network, pool } of shared) {
    const { free, byState } = usageOfPool(pool, network, now);
    available += free + byState.warm;
  }
  const part = Math.floor(available / (2 * nodes));
  return Math.max(part, Math.min(few, Math.floor(available / (nodes + 1))));
}

/** How many addresses of the node's own ranges are free or in its reserve. */
export function ownLimit({ own }: Portion, now: number): number {
  return own.reduce((sum, { network, pool }) => {
    const { free, byState } = usageOfPool(pool, network, now);
    return sum + free + byState.warm;
  }, 0);
}

export function nodesIn(ledger: Ledger, zone: string): number {
  let count = 0;
  for (const { spec } of ledger.nodes.values()) {
    count += spec.zone === zone ? 1 : 0;
  }
  return count;
}
