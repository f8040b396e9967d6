import type { Family } from '../../core/address/ip.ts';
import type { Ledger } from './ledger.ts';
import { MatchingSources } from './matching-sources.ts';
import type { Network } from './network.ts';
import type { Source } from './source.ts';

/** The ranges of one family that a node may use, in the order of their use. Disabled ones are not among them. */
export interface FamilyPlan {
  /** Those for pods that match: the node's own before the shared ones, each by name. */
  readonly matching: MatchingSources;
  /** Those for any pod, in the same order. */
  readonly open: readonly Source[];
}

export interface Plan extends Readonly<Record<Family, FamilyPlan>> {
  /** The VLANs of all these ranges (undefined: untagged). */
  readonly vlans: ReadonlySet<number | undefined>;
}

const plans = new WeakMap<Ledger, Map<string, { edits: number; zone: string; plan: Plan }>>();

/** The plan of a registered node; kept until an edit concerns the node. */
export function planOf(ledger: Ledger, node: string, zone: string): Plan {
  const byNode = plans.get(ledger) ?? new Map();
  plans.set(ledger, byNode);
  const kept = byNode.get(node);
  const edits = ledger.editsFor(node);
  if (kept?.edits === edits && kept.zone === zone) {
    return kept.plan;
  }
  const plan = makePlan(ledger, node, zone);
  byNode.set(node, { edits, zone, plan });
  return plan;
}

function makePlan(ledger: Ledger, node: string, zone: string): Plan {
  const networks = [...ledger.networks.values()].filter(({ spec }) => spec.zone === zone);
  const own = sourcesIn(networks, node);
  const shared = sourcesIn(networks, undefined);
  return {
    vlans: new Set([...own, ...shared].map(({ network }) => network.spec.vlan)),
    ipv4: familyPlan(own, shared, 'ipv4'),
    ipv6: familyPlan(own, shared, 'ipv6'),
  };
}

function sourcesIn(networks: readonly Network[], node: string | undefined): Source[] {
  return networks
    .flatMap((network) => Array.from(network.poolsOf(node), (pool) => ({ network, pool })))
    .filter(({ pool }) => !pool.isDisabled)
    .sort((a, b) => (a.pool.name < b.pool.name ? -1 : 1));
}

function familyPlan(own: readonly Source[], shared: readonly Source[], family: Family): FamilyPlan {
  const ofFamily = ({ network }: Source) => network.family === family;
  const isOpen = ({ pool }: Source) => pool.spec.match === undefined;
  const all = [...own, ...shared].filter(ofFamily);
  return {
    matching: new MatchingSources(all.filter((source) => !isOpen(source))),
    open: all.filter(isOpen),
  };
}
