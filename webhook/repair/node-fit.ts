import type { PodToleration, Texts } from '../policy/pod.ts';
import type { NodeRequirement } from '../policy/policy.ts';
import { hasLabels, meetsAll } from './node-selection.ts';
import type { StoredNode, Taint } from './stored-node.ts';

/** A NodeSelectorTerm; its fields are `metadata.name` alone. */
export interface NodeTerm {
  readonly matchExpressions?: readonly NodeRequirement[] | null;
  readonly matchFields?: readonly NodeRequirement[] | null;
}

/** What a pod asks of its node. */
export interface Needs {
  readonly nodeSelector: Texts;
  /** Of the required affinity: one must fit. Null where there is none. */
  readonly terms: readonly NodeTerm[] | null;
  readonly tolerations: readonly PodToleration[];
  /** How many `realip.io/ip` it asks for. */
  readonly addresses: number;
}

/**
 * Reports whether the scheduler may put such a pod on the node now, by labels, taints and addresses. Room for CPU and
 * memory is the scheduler's to judge.
 *
 * @param taken how many `realip.io/ip` other pods take there
 */
export function fits(node: StoredNode, needs: Needs, taken: number): boolean {
  return (
    node.isOpen &&
    hasLabels(node.labels, needs.nodeSelector) &&
    (needs.terms === null || needs.terms.some((term) => meetsTerm(node, term))) &&
    node.taints.every((taint) => isHarmless(taint, needs.tolerations)) &&
    (needs.addresses === 0 || node.addresses - taken >= needs.addresses)
  );
}

/** An empty term fits no node. */
function meetsTerm({ name, labels }: StoredNode, { matchExpressions, matchFields }: NodeTerm): boolean {
  const [ofLabels, ofFields] = [matchExpressions ?? [], matchFields ?? []];
  return (
    ofLabels.length + ofFields.length > 0 &&
    meetsAll(labels, ofLabels) &&
    meetsAll({ 'metadata.name': name }, ofFields)
  );
}

function isHarmless(taint: Taint, tolerations: readonly PodToleration[]): boolean {
  return taint.effect === 'PreferNoSchedule' || tolerations.some((each) => tolerates(each, taint));
}

function tolerates({ key, operator, value, effect }: PodToleration, taint: Taint): boolean {
  if ((effect && effect !== taint.effect) || (key && key !== taint.key)) {
    return false;
  }
  // Without a key only Exists is allowed, and means every taint.
  return operator === 'Exists' || (Boolean(key) && (value ?? '') === (taint.value ?? ''));
}
