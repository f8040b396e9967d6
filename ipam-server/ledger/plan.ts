import type { Family } from '../../core/address/ip.ts';
import type { Ledger } from './ledger.ts';
import type { Network } from './network.ts';
import type { Pool } from './pool.ts';

/** A range that a node may use, with its subnet. */
export interface Source {
  readonly network: Network;
  readonly pool: Pool;
}

/**
 * The ranges that a node may use, of each family, in the order in which they are used: the node's own before
 * its zone's shared ones, each by name. Disabled ranges are not among them.
 */
export type Plan = Readonly<Record<Family, readonly Source[]>>;

const plans = new WeakMap<Ledger, { edits: number; readonly byNode: Map<string, Plan> }>();

/** The plan of a registered node; kept until the next edit. */
export function planOf(ledger: Ledger, node: string, zone: string): Plan {
  let kept = plans.get(ledger);
  if (kept === undefined || kept.edits !== ledger.edits) {
    kept = { edits: ledger.edits, byNode: new Map() };
    plans.set(ledger, kept);
  }
  let plan = kept.byNode.get(node);
  if (plan === undefined) {
    plan = makePlan(ledger, node, zone);
    kept.byNode.set(node, plan);
  }
  return plan;
}

function makePlan(ledger: Ledger, node: string, zone: string): Plan {
  const sources: Source[] = [];
  for (const network of ledger.networks.values()) {
    if (network.spec.zone === zone) {
      sources.push(...[...network.pools.values()].map((pool) => ({ network, pool })));
    }
  }
  const usable = sources
    .filter(({ pool }) => !pool.isDisabled && (pool.spec.node === undefined || pool.spec.node === node))
    .sort((a, b) => rank(a) - rank(b) || (a.pool.name < b.pool.name ? -1 : 1));
  return {
    ipv4: usable.filter(({ network }) => network.family === 'ipv4'),
    ipv6: usable.filter(({ network }) => network.family === 'ipv6'),
  };
}

function rank({ pool }: Source): number {
  return pool.spec.node === undefined ? 1 : 0;
}
