import { ipResource } from '../policy/names.ts';
import type { Container, Pod } from '../policy/pod.ts';
import type { Zone } from '../policy/policy.ts';
import type { Change } from './change.ts';

/**
 * One address as an extended resource, so that the scheduler passes over nodes whose range is full. It goes
 * into requests and limits of the first container (Kubernetes wants both equal), once a pod.
 */
export function resourceChanges(pod: Pod, zone: Zone): Change[] {
  const containers = pod.spec.containers ?? [];
  const everyone = [...containers, ...(pod.spec.initContainers ?? [])];
  if (!zone.ipResource || containers.length === 0 || everyone.some(asksForAddress)) {
    return [];
  }
  return ['requests', 'limits'].map((kind) => ({
    path: ['spec', 'containers', 0, 'resources', kind, ipResource],
    value: '1',
  }));
}

/**
 * Whether the pod has the resource only as zero. That counts as asking, so nothing is added, and its address is one
 * that the scheduler does not know of.
 */
export function asksForNone({ spec }: Pod): boolean {
  const quantities = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(quantitiesOf);
  return quantities.length > 0 && quantities.every(isZero);
}

function asksForAddress(container: Container): boolean {
  return quantitiesOf(container).length > 0;
}

function quantitiesOf({ resources }: Container): unknown[] {
  return [resources?.requests, resources?.limits].flatMap((quantities) =>
    quantities !== null && quantities !== undefined && Object.hasOwn(quantities, ipResource)
      ? [quantities[ipResource]]
      : [],
  );
}

/** A quantity of Kubernetes, such as 0, "0" or "0.0k", that is nothing. */
function isZero(quantity: unknown): boolean {
  return /^[+-]?(0+\.?0*|\.0+)([a-zA-Z]|$)/.test(String(quantity));
}
