import type { Pod } from '../../../schema/allocation.ts';
import type { Network } from '../state/network.ts';
import type { FamilyPlan } from './plan.ts';
import type { Source } from './source.ts';

/** The ranges of one family that may serve one request of a node, in the order of their use. */
export interface Offer {
  readonly node: string;
  /** Ranges that match the pod, then the node's own. */
  readonly sources: readonly Source[];
  /** Subnets that make the node another range of its own when these have no address left. */
  readonly growing: readonly Network[];
  /** The zone's shared ranges. */
  readonly shared: readonly Source[];
  /** How many more ranges the node may use, for other pods. */
  readonly others: number;
}

/** What a plan offers to a pod, in the one order that docs/ipam/ranges.md tells. */
export function offerOf(plan: FamilyPlan, pod: Pod | undefined): Offer {
  const { node, matching, own, growing, shared } = plan;
  const matched = matching.of(pod);
  const others = matching.all.length - matched.length;
  return { node, sources: matched.length === 0 ? own : [...matched, ...own], growing, shared, others };
}

/** All ranges of an offer, in order. */
export function allOf({ sources, shared }: Offer): readonly Source[] {
  return [...sources, ...shared];
}

/** The subnets of an offer; some of them several times. */
export function networksOf(offer: Offer): Network[] {
  return [...allOf(offer).map(({ network }) => network), ...offer.growing];
}

/** Reports whether an offer is of nothing at all. */
export function isEmpty({ sources, growing, shared }: Offer): boolean {
  return sources.length + growing.length + shared.length === 0;
}

/** An offer without the ranges of networks that are not meant. */
export function only(offer: Offer, isMeant: (network: Network) => boolean): Offer {
  const ofMeant = ({ network }: Source) => isMeant(network);
  return {
    ...offer,
    sources: offer.sources.filter(ofMeant),
    growing: offer.growing.filter(isMeant),
    shared: offer.shared.filter(ofMeant),
  };
}
