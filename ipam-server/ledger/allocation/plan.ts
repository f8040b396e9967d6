import type { Family } from '../../../core/address/ip.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import { MatchingSources } from './matching-sources.ts';
import type { Source } from './source.ts';

/** The ranges of one family that a node may use, in the order of their use. Disabled ones are not among them. */
export interface FamilyPlan {
  readonly node: string;
  /** Those for pods that match: the node's own before the shared ones, each by name. */
  readonly matching: MatchingSources;
  /** The node's own for any pod, by name. */
  readonly own: readonly Source[];
  /** The subnets that make ranges for the node by themselves, by name. */
  readonly growing: readonly Network[];
  /** Shared ones for any pod, by name. */
  readonly shared: readonly Source[];
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
  const growing = networks.filter(({ blocks }) => blocks !== null).sort((a, b) => (a.name < b.name ? -1 : 1));
  const all = [...[...own, ...shared].map(({ network }) => network), ...growing];
  const planFor = (family: Family): FamilyPlan => {
    const isOf = (network: Network) => network.family === family;
    const meant = (sources: readonly Source[]) => sources.filter((source) => isOf(source.network));
    return familyPlan(node, meant(own), growing.filter(isOf), meant(shared));
  };
  return {
    vlans: new Set(all.map(({ spec }) => spec.vlan)),
    ipv4: planFor('ipv4'),
    ipv6: planFor('ipv6'),
  };
}

function sourcesIn(networks: readonly Network[], node: string | undefined): Source[] {
  return networks
    .flatMap((network) => Array.from(network.poolsOf(node), (pool) => ({ network, pool })))
    .filter(({ pool }) => !pool.isDisabled)
    .sort((a, b) => (a.pool.name < b.pool.name ? -1 : 1));
}

function familyPlan(
  node: string,
  own: readonly Source[],
  growing: readonly Network[],
  shared: readonly Source[],
): FamilyPlan {
  const isOpen = ({ pool }: Source) => pool.spec.match === undefined;
  return {
    node,
    matching: new MatchingSources([...own, ...shared].filter((source) => !isOpen(source))),
    own: own.filter(isOpen),
    growing,
    shared: shared.filter(isOpen),
  };
}
