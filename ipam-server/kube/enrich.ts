import type { AllocationRequest } from '../../schema/allocation.ts';
import type { Caller } from '../http/caller.ts';
import { wishesOf } from './annotations.ts';
import type { FoundPod, Pods } from './pods.ts';

/** A request with what the API server knows of its pod. */
export interface Enriched {
  readonly request: AllocationRequest;
  /** False where a node asks for a pod that the API server does not have on it: no reservation is given to it. */
  readonly isProven: boolean;
}

/**
 * Puts the pod’s labels, its namespace’s labels, its workload and the wishes of its annotations into a request. What
 * a node’s token says of its pods beyond their names counts for nothing: the API server’s word does.
 *
 * @throws Problem KUBE_UNAVAILABLE, ANNOTATION_INVALID, OVERLOADED
 */
export async function enrich(pods: Pods, request: AllocationRequest, caller: Caller): Promise<Enriched> {
  const { pod } = request;
  if (pod === undefined) {
    return { request, isProven: true };
  }
  const { namespace, name, uid } = pod;
  const isIt = (found: FoundPod) =>
    (uid === undefined || uid === found.uid || uid === found.staticUid) &&
    (caller.role !== 'node' || found.node === caller.node);
  const found = await pods.find(namespace, name, isIt);
  if (found === null || !isIt(found)) {
    return caller.role === 'node'
      ? { request: { ...request, pod: bare(pod) }, isProven: false }
      : { request, isProven: true };
  }
  const { addresses, keeping } = wishesOf(found.annotations);
  const [namespaceLabels, owner] = await Promise.all([
    pods.namespaceLabels(namespace),
    pods.ownerOf(namespace, found),
  ]);
  return {
    request: {
      ...request,
      ...(request.addresses === undefined && addresses !== undefined ? { addresses } : {}),
      pod: {
        namespace,
        name,
        uid: uid ?? found.uid,
        ...(owner === undefined ? {} : { owner }),
        labels: { ...found.labels },
        namespaceLabels: { ...namespaceLabels },
        ...keeping,
      },
    },
    isProven: true,
  };
}

function bare({ namespace, name, uid }: NonNullable<AllocationRequest['pod']>) {
  return { namespace, name, ...(uid === undefined ? {} : { uid }) };
}
