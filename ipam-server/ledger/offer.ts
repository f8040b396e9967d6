import type { Pod } from '../../schema/allocation.ts';
import type { Network } from './network.ts';
import type { FamilyPlan } from './plan.ts';
import type { Source } from './source.ts';

/** The ranges of one family that may serve one request. */
export interface Offer {
  /** In the order of their use. */
  readonly sources: readonly Source[];
  /** How many more the node has, for other pods. */
  readonly others: number;
}

/**
 * What a plan offers to a pod, in the one order that docs/ipam/ranges.md tells: ranges that match the pod, the
 * node's own, the zone's shared ones; in each the node's own first, and then by name.
 */
export function offerOf({ matching, open }: FamilyPlan, pod: Pod | undefined): Offer {
  const matched = matching.of(pod);
  const others = matching.all.length - matched.length;
  return { sources: matched.length === 0 ? open : [...matched, ...open], others };
}

/** An offer without the ranges of networks that are not meant. */
export function only({ sources, others }: Offer, isMeant: (network: Network) => boolean): Offer {
  return { sources: sources.filter(({ network }) => isMeant(network)), others };
}
