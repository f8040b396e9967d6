import { Problem } from '../../core/problem/problem.ts';
import type { Pod, PodTerm } from '../policy/pod.ts';
import type { Zone } from '../policy/policy.ts';
import { termsOf } from './affinity.ts';
import {
  canMeet,
  describe,
  equality,
  type Requirement,
  readRequirement,
  requirementOf,
} from './requirement.ts';

/** What two sides want of one label, where no node can meet both. */
interface Clash {
  readonly key: string;
  readonly own: readonly Requirement[];
  readonly zones: readonly Requirement[];
}

/** So many terms are named in a message. */
const mostTold = 3;

/**
 * Refuses a pod that no node could take, because what it wants of a label excludes what its zone wants: left alone it
 * would stay Pending, and its author would not know why. Never refused is what some node can meet, and what contradicts
 * itself without the zone.
 *
 * @throws Problem POD_ZONE_CONTRADICTION, naming the label, both wishes and the zone
 */
export function checkContradictions(pod: Pod, zone: Zone): void {
  const ofSelector = Object.entries(pod.spec.nodeSelector ?? {}).map(([key, value]) => equality(key, value));
  const ofZone = [
    ...Object.entries(zone.nodeSelector).map(([key, value]) => equality(key, value)),
    ...zone.matchExpressions.map(requirementOf),
  ];
  const clash = clashOf(ofSelector, ofZone);
  if (clash !== null) {
    throw refused(
      `the pod's nodeSelector wants ${told(clash.own)}, but its zone "${zone.name}" wants ${told(clash.zones)}`,
      zone,
      clash,
    );
  }
  const terms = termsOf(pod).map(({ index, term }) => {
    const own = [...ofSelector, ...requirementsOf(term)];
    return { index, isPossible: isPossible(own), clash: clashOf(own, ofZone) };
  });
  const clashes = terms.flatMap(({ index, isPossible: could, clash: found }) =>
    could && found ? [{ index, found }] : [],
  );
  const [first] = clashes;
  if (first !== undefined && terms.every((each) => !each.isPossible || each.clash !== null)) {
    throw refused(wordsOf(clashes, zone), zone, first.found);
  }
}

/** The first label of which the zone wants what the pod excludes, though each side alone could be met. */
function clashOf(own: readonly Requirement[], zone: readonly Requirement[]): Clash | null {
  const zones = byKey(zone);
  for (const [key, wishes] of byKey(own)) {
    const others = zones.get(key) ?? [];
    if (canMeet(wishes) && canMeet(others) && !canMeet([...wishes, ...others])) {
      return { key, own: wishes, zones: others };
    }
  }
  return null;
}

function isPossible(requirements: readonly Requirement[]): boolean {
  return [...byKey(requirements).values()].every(canMeet);
}

function requirementsOf({ matchExpressions }: PodTerm): Requirement[] {
  return (matchExpressions ?? []).flatMap((each) => readRequirement(each) ?? []);
}

function byKey(requirements: readonly Requirement[]): Map<string, Requirement[]> {
  const groups = new Map<string, Requirement[]>();
  for (const each of requirements) {
    groups.set(each.key, [...(groups.get(each.key) ?? []), each]);
  }
  return groups;
}

function wordsOf(clashes: readonly { index: number; found: Clash }[], zone: Zone): string {
  const each = clashes
    .slice(0, mostTold)
    .map(
      ({ index, found }) =>
        `nodeSelectorTerms[${index}] wants ${told(found.own)}, the zone ${told(found.zones)}`,
    );
  const more = clashes.length > mostTold ? `; and ${clashes.length - mostTold} more` : '';
  return `no term of the pod's required node affinity can be met in its zone "${zone.name}": ${each.join('; ')}${more}`;
}

function told(requirements: readonly Requirement[]): string {
  return requirements.map(describe).join(' and ');
}

function refused(detail: string, zone: Zone, { key, own, zones }: Clash): Problem {
  return new Problem('POD_ZONE_CONTRADICTION', detail, {
    key,
    pod: told(own),
    zone: zone.name,
    wanted: told(zones),
  });
}
