import type { Pod, PodTerm } from '../policy/pod.ts';
import type { Zone } from '../policy/policy.ts';
import type { Change, Json } from './change.ts';
import { isSame, type Requirement, readRequirement, requirementOf } from './requirement.ts';

const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const termsPath = ['spec', 'affinity', 'nodeAffinity', required, 'nodeSelectorTerms'] as const;

/**
 * The zone's expressions, as far as the pod does not have them already, in every term of its required node affinity:
 * terms are alternatives, so one left out would let the pod out of its zone. A term without any condition matches no
 * node and must stay so; a list of none but such, or of no terms, is left as it is. A pod without required node
 * affinity gets one term.
 */
export function affinityChanges(pod: Pod, zone: Zone): Change[] {
  const wanted = distinct(zone.matchExpressions.map(requirementOf));
  if (wanted.length === 0) {
    return [];
  }
  if (!pod.spec.affinity?.nodeAffinity?.[required]) {
    return [{ path: [...termsPath, '-'], value: { matchExpressions: wanted.map(toJson) } }];
  }
  return termsOf(pod).flatMap(({ index, term }) => {
    const own = (term.matchExpressions ?? []).flatMap((each) => readRequirement(each) ?? []);
    return wanted
      .filter((each) => !own.some((has) => isSame(each, has)))
      .map((each) => ({ path: [...termsPath, index, 'matchExpressions', '-'], value: toJson(each) }));
  });
}

/** The terms of the required node affinity that can match a node at all, with their places in the list. */
export function termsOf({ spec }: Pod): { readonly index: number; readonly term: PodTerm }[] {
  const terms = spec.affinity?.nodeAffinity?.[required]?.nodeSelectorTerms ?? [];
  return terms.flatMap((term, index) => {
    const conditions = (term?.matchExpressions?.length ?? 0) + (term?.matchFields?.length ?? 0);
    return term && conditions > 0 ? [{ index, term }] : [];
  });
}

function distinct(requirements: readonly Requirement[]): Requirement[] {
  return requirements.filter(
    (each, index) => requirements.findIndex((other) => isSame(each, other)) === index,
  );
}

function toJson({ key, operator, values }: Requirement): Json {
  return values.length === 0 ? { key, operator } : { key, operator, values };
}
