import { Problem } from '../../core/problem/problem.ts';
import { decide } from '../policy/decide.ts';
import { placedByKey } from '../policy/names.ts';
import { type Texts, textAt } from '../policy/pod.ts';
import type { Policy, Zone } from '../policy/policy.ts';
import { hasLabels, isOfZone } from './node-selection.ts';
import type { StoredNode } from './stored-node.ts';
import type { StoredPod } from './stored-pod.ts';

/**
 * What can be wrong with a pod:
 * - `unplaced`: the webhook has not seen it, and the policy has a zone for it;
 * - `wrong-zone`: it is on a node that is not of its zone, though the webhook would have had it otherwise;
 * - `outdated`: the webhook placed it as the policy, or the pod's or namespace's labels, were then;
 * - `harmless`: the webhook has not seen it, but the policy leaves such pods alone.
 */
export const flaws = ['unplaced', 'wrong-zone', 'outdated', 'harmless'] as const;
export type Flaw = (typeof flaws)[number];

/** A pod that does not stand as the policy would have it. */
export interface Finding {
  /** At least one; `unplaced` and `wrong-zone` may come together. */
  readonly flaws: readonly Flaw[];
  /** Where it belongs; null where it is left alone, or where `refusal` says that nobody knows. */
  readonly zone: Zone | null;
  /** The rule, or `pod`, `namespace`, `default`. */
  readonly by: string;
  /** Why the policy would refuse the pod today, or null. */
  readonly refusal: string | null;
}

/** What is known around a pod; a node is null where the pod has none, or where nobody knows its labels yet. */
export interface Surroundings {
  readonly policy: Policy;
  readonly namespaceLabels: Texts | null;
  readonly node: StoredNode | null;
}

/** What is wrong with a pod, or null for one that stands rightly, ends, or is not the webhook's business. */
export function findingOf(stored: StoredPod, around: Surroundings): Finding | null {
  if (stored.isEnding) {
    return null;
  }
  const { namespace, pod } = stored;
  const isSeen = textAt(pod.metadata?.annotations, placedByKey) !== undefined;
  try {
    const decision = decide(around.policy, { pod, namespace, namespaceLabels: around.namespaceLabels });
    if (decision.kind === 'exempt') {
      return null;
    }
    const { zone, by } = decision;
    const found = zone === null ? flawsOutside(isSeen) : flawsIn(zone, stored, around.node, isSeen);
    return found.length === 0 ? null : { flaws: found, zone, by, refusal: null };
  } catch (error) {
    if (error instanceof Problem) {
      return {
        flaws: [isSeen ? 'outdated' : 'unplaced'],
        zone: null,
        by: 'nobody',
        refusal: error.message,
      };
    }
    throw error;
  }
}

/** The zone `none` asks nothing of a pod. */
function flawsOutside(isSeen: boolean): Flaw[] {
  return isSeen ? [] : ['harmless'];
}

function flawsIn(zone: Zone, { pod }: StoredPod, node: StoredNode | null, isSeen: boolean): Flaw[] {
  const isAstray = node !== null && !isOfZone(node.labels, zone);
  if (!isSeen) {
    return isAstray ? ['unplaced', 'wrong-zone'] : ['unplaced'];
  }
  if (!isAstray) {
    return [];
  }
  // The scheduler took it to a node of its zone, if it was told to: then the node is another one now.
  return [hasLabels(pod.spec.nodeSelector ?? {}, zone.nodeSelector) ? 'wrong-zone' : 'outdated'];
}
