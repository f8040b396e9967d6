import { fitsAffinity } from './node-affinity.ts';
import type { Node, PodSpec } from './objects.ts';
import { hasRoom } from './resources.ts';
import { toleratesAll } from './taints.ts';

/** Whether Kubernetes' scheduler may put the pod on the node, as far as zones have a say in it. */
export function fits(spec: PodSpec, node: Node): boolean {
  return (
    fitsAffinity(spec, node) &&
    toleratesAll(spec.tolerations ?? [], node) &&
    hasRoom(spec, node, 'realip.io/ip')
  );
}
