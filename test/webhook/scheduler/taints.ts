import type { Node, Taint, Toleration } from './objects.ts';

/** Whether a pod with these tolerations may be put on the node: PreferNoSchedule only makes it less likely. */
export function toleratesAll(tolerations: readonly Toleration[], { taints }: Node): boolean {
  return taints
    .filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')
    .every((taint) => tolerations.some((toleration) => tolerates(toleration, taint)));
}

/** Kubernetes' ToleratesTaint: an empty effect means every effect, an empty key every key, an empty operator Equal. */
function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if ((effect && effect !== taint.effect) || (key && key !== taint.key)) {
    return false;
  }
  switch (operator || 'Equal') {
    case 'Equal':
      return (value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    default:
      return false;
  }
}
