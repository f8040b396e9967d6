import { fitsGlob } from '../../core/match/glob.ts';
import type { Traits } from './arrival.ts';
import { type Texts, textAt } from './pod.ts';
import type { Match } from './policy.ts';

/** Why a rule does not match a pod; words for it are made only where somebody reads them. */
export type Mismatch =
  | { readonly field: 'namespaces'; readonly wanted: readonly string[]; readonly found: string }
  | {
      readonly field: 'namespaceLabels';
      readonly key: string;
      readonly wanted: string;
      readonly found: string | undefined;
      /** False where nobody knows the namespace's labels. */
      readonly known: boolean;
    }
  | {
      readonly field: 'labels';
      readonly key: string;
      readonly wanted: string;
      readonly found: string | undefined;
    }
  | { readonly field: 'ownerKinds'; readonly wanted: readonly string[]; readonly found: readonly string[] }
  | {
      readonly field: 'serviceAccounts';
      readonly wanted: readonly string[];
      /** `namespace/name`. */
      readonly found: string;
    };

/** The first condition of `match` that the pod does not meet, or null when it meets all. */
export function mismatch(match: Match, pod: Traits): Mismatch | null {
  const { namespaces, ownerKinds, serviceAccounts } = match;
  if (namespaces.length > 0 && !namespaces.some((pattern) => fitsGlob(pod.namespace, pattern))) {
    return { field: 'namespaces', wanted: namespaces, found: pod.namespace };
  }
  const ofNamespace = differingLabel(match.namespaceLabels, pod.namespaceLabels ?? {});
  if (ofNamespace !== null) {
    return { field: 'namespaceLabels', ...ofNamespace, known: pod.namespaceLabels !== null };
  }
  const ofPod = differingLabel(match.labels, pod.labels);
  if (ofPod !== null) {
    return { field: 'labels', ...ofPod };
  }
  if (ownerKinds.length > 0 && !ownerKinds.some((kind) => pod.ownerKinds.includes(kind))) {
    return { field: 'ownerKinds', wanted: ownerKinds, found: pod.ownerKinds };
  }
  if (serviceAccounts.length > 0 && !serviceAccounts.some((pattern) => isAccount(pattern, pod))) {
    return { field: 'serviceAccounts', wanted: serviceAccounts, found: pod.serviceAccount };
  }
  return null;
}

function differingLabel(
  wanted: Texts,
  labels: Texts,
): { key: string; wanted: string; found: string | undefined } | null {
  for (const [key, value] of Object.entries(wanted)) {
    const found = textAt(labels, key);
    if (found !== value) {
      return { key, wanted: value, found };
    }
  }
  return null;
}

function isAccount(pattern: string, { namespace, serviceAccount }: Traits): boolean {
  return pattern.includes('/')
    ? fitsGlob(serviceAccount, pattern)
    : fitsGlob(serviceAccount.slice(namespace.length + 1), pattern);
}
