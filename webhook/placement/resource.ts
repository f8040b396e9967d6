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

function asksForAddress({ resources }: Container): boolean {
  return [resources?.requests, resources?.limits].some(
    (quantities) => quantities !== null && quantities !== undefined && Object.hasOwn(quantities, ipResource),
  );
}
