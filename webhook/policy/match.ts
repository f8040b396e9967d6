import { fitsGlob } from '../../core/match/glob.ts';
import { type Texts, textAt } from './pod.ts';
import type { Match } from './policy.ts';

/** Why a rule does not match a pod; words for it are made only where somebody reads them. */
export type Mismatch =
  | { readonly field: 'namespaces'; readonly wanted: readonly string[]; readonly found: string }
  | {
      readonly field: 'labels';
      readonly key: string;
      readonly wanted: string;
      readonly found: string | undefined;
    };

/** The first condition of `match` that the pod does not meet, or null when it meets all. */
export function mismatch(match: Match, namespace: string, labels: Texts): Mismatch | null {
  const { namespaces } = match;
  if (namespaces.length > 0 && !namespaces.some((pattern) => fitsGlob(namespace, pattern))) {
    return { field: 'namespaces', wanted: namespaces, found: namespace };
  }
  for (const [key, wanted] of Object.entries(match.labels)) {
    const found = textAt(labels, key);
    if (found !== wanted) {
      return { field: 'labels', key, wanted, found };
    }
  }
  return null;
}
