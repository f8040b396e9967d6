import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import { ipResource } from './names.ts';
import { parseQuantity } from './quantity.ts';

/**
 * How many addresses a pod asks the scheduler for: what its containers and sidecars ask for together, or one init
 * container with the sidecars that started before it, whatever is more.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function addressesAskedBy({ containers, initContainers = [] }: V1PodSpec): number {
  let sidecars = 0;
  let most = 0;
  for (const container of initContainers) {
    const asked = askedBy(container);
    if (container.restartPolicy === 'Always') {
      sidecars += asked;
    } else {
      most = Math.max(most, sidecars + asked);
    }
  }
  return Math.max(
    most,
    containers.reduce((sum, container) => sum + askedBy(container), sidecars),
  );
}

/** The API server has put limits into requests where these were absent. */
function askedBy({ resources }: V1Container): number {
  return parseQuantity(resources?.requests?.[ipResource] ?? '0') ?? 0;
}
