import { fitsGlob } from '../../../core/match/glob.ts';
import type { Pod } from '../../../schema/allocation.ts';
import type { Match } from '../../../schema/range.ts';

/** Why a range with a match does not serve a pod, as a condition that it does not meet. */
export type Mismatch =
  | { readonly field: 'pod' }
  | { readonly field: 'namespaces'; readonly namespace: string }
  | {
      readonly field: 'labels';
      readonly of: 'pod' | 'namespace';
      readonly key: string;
      readonly known: boolean;
    };

type Labels = Readonly<Record<string, string>>;

/**
 * The first condition that a pod does not meet, or null when it meets all. An attachment without a pod meets no
 * match, not even an empty one, and labels that are not known are none of those asked for.
 */
export function mismatch(match: Match, pod: Pod | undefined): Mismatch | null {
  if (pod === undefined) {
    return { field: 'pod' };
  }
  const { namespaces = [], namespaceLabels, podLabels } = match;
  if (namespaces.length > 0 && !namespaces.some((pattern) => fitsGlob(pod.namespace, pattern))) {
    return { field: 'namespaces', namespace: pod.namespace };
  }
  return missing('namespace', namespaceLabels, pod.namespaceLabels) ?? missing('pod', podLabels, pod.labels);
}

/** A mismatch in words that follow "range r is not for this pod: ". */
export function describeMismatch(mismatch: Mismatch): string {
  switch (mismatch.field) {
    case 'pod':
      return 'it serves pods that match, and the request names no pod';
    case 'namespaces':
      return `it does not serve namespace ${mismatch.namespace}`;
    case 'labels': {
      const { of, key, known } = mismatch;
      return known
        ? `the ${of}’s label ${key} is not the one that it asks for`
        : `it asks for the ${of}’s label ${key}, and the ${of}’s labels are not known`;
    }
  }
}

function missing(
  of: 'pod' | 'namespace',
  wanted: Labels | undefined,
  found: Labels | undefined,
): Mismatch | null {
  for (const [key, value] of Object.entries(wanted ?? {})) {
    // A label may be called as something that every object inherits.
    if (found === undefined || !Object.hasOwn(found, key) || found[key] !== value) {
      return { field: 'labels', of, key, known: found !== undefined };
    }
  }
  return null;
}
