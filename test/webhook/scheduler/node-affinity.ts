import type { Node, PodSpec, Requirement, Term } from './objects.ts';

/**
 * Kubernetes' rules for nodeSelector and required node affinity (component-helpers/scheduling/corev1/nodeaffinity and
 * apimachinery/pkg/labels, 1.34), written anew as an oracle: it shares nothing with the webhook.
 */
export function fitsAffinity({ nodeSelector, affinity }: PodSpec, node: Node): boolean {
  for (const [key, value] of Object.entries(nodeSelector ?? {})) {
    if (labelOf(node, key) !== value) {
      return false;
    }
  }
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  // No selector is no wish; a selector without terms matches nothing.
  return !required || (required.nodeSelectorTerms ?? []).some((term) => fitsTerm(term ?? {}, node));
}

/** Whether all of a list of requirements on labels hold; one that can't be read makes the list match nothing. */
export function fitsAll(requirements: readonly Requirement[], node: Node): boolean {
  return requirements.every(isReadable) && requirements.every((each) => fitsLabel(each, node));
}

function fitsTerm({ matchExpressions, matchFields }: Term, node: Node): boolean {
  const expressions = matchExpressions ?? [];
  const fields = matchFields ?? [];
  if (expressions.length + fields.length === 0) {
    return false;
  }
  return fitsAll(expressions, node) && fields.every((each) => fitsField(each, node));
}

function fitsLabel({ key, operator, values }: Requirement, node: Node): boolean {
  const label = labelOf(node, key ?? '');
  const wanted = values ?? [];
  switch (operator) {
    case 'In':
      return label !== undefined && wanted.includes(label);
    case 'NotIn':
      return label === undefined || !wanted.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    default: {
      const [bound, found] = [int64(wanted[0] ?? ''), label === undefined ? null : int64(label)];
      if (bound === null || found === null) {
        return false;
      }
      return operator === 'Gt' ? found > bound : found < bound;
    }
  }
}

/** Nodes are told by one field, their name; one value alone, and only In and NotIn. */
function fitsField({ key, operator, values }: Requirement, { name }: Node): boolean {
  const [wanted, ...others] = values ?? [];
  const found = key === 'metadata.name' ? name : '';
  if (wanted === undefined || others.length > 0 || (operator !== 'In' && operator !== 'NotIn')) {
    return false;
  }
  return (found === wanted) === (operator === 'In');
}

function isReadable({ operator, values }: Requirement): boolean {
  const count = (values ?? []).length;
  const counts: Readonly<Record<string, boolean>> = {
    In: count > 0,
    NotIn: count > 0,
    Exists: count === 0,
    DoesNotExist: count === 0,
    Gt: count === 1 && int64(values?.[0] ?? '') !== null,
    Lt: count === 1 && int64(values?.[0] ?? '') !== null,
  };
  return (counts[operator ?? ''] ?? false) && (values ?? []).every(isLabelValue);
}

function isLabelValue(text: string): boolean {
  return text.length <= 63 && /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(text);
}

/** Go's ParseInt(text, 10, 64), or null where it fails. */
function int64(text: string): bigint | null {
  if (!/^[+-]?[0-9]+$/.test(text)) {
    return null;
  }
  const value = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, value) === value ? value : null;
}

function labelOf({ labels }: Node, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
