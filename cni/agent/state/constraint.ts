import { fitsGlob } from '../../../core/match/glob.ts';
import type { AllocationRequest, Pod } from '../../../schema/allocation.ts';
import type { Constraints } from '../../../schema/reserve.ts';

/**
 * Why a request isn't for the reserve: its pod has an address of its own, a range asks for it, or that can't be
 * told here. Undefined: any address will do.
 */
export function whyNotAny(
  request: AllocationRequest,
  constraints: Constraints | undefined,
): string | undefined {
  const { pod, addresses = [], mac } = request;
  if (addresses.length > 0) {
    return 'it wants addresses by name';
  }
  if (mac !== undefined) {
    return 'it wants a MAC of its own';
  }
  if (constraints?.pods === undefined) {
    return 'the server has not told yet which pods have addresses of their own';
  }
  // An attachment without a pod fits no reservation and no match.
  return pod && (whyReserved(pod, constraints) ?? whyMatched(pod, constraints));
}

function whyReserved(pod: Pod, { pods = [], owners = [] }: Constraints): string | undefined {
  const { namespace, name, sticky } = pod;
  if (sticky !== undefined) {
    return 'it keeps its addresses (realip.io/sticky)';
  }
  if (pods.includes(`${namespace}/${name}`)) {
    return 'it has a reservation';
  }
  if (pod.owner === undefined) {
    const prefix = `${namespace}/`;
    return owners.some((owner) => owner.startsWith(prefix))
      ? `a workload of namespace ${namespace} has a reservation, and whether it is this pod’s is not known`
      : undefined;
  }
  const mine = owners.some((owner) => isOwner(owner, pod, pod.owner));
  return mine ? 'its workload has a reservation' : undefined;
}

/**
 * Reports whether `namespace/kind/name` may be a pod's workload. A ReplicaSet is its Deployment's, and is named after
 * it; which part of the name is the hash only its label tells, so that every beginning counts.
 */
function isOwner(reserved: string, pod: Pod, owner: Pod['owner']): boolean {
  const [namespace, kind, name] = reserved.split('/');
  if (owner === undefined || name === undefined || namespace !== (owner.namespace ?? pod.namespace)) {
    return false;
  }
  const isItself = kind === owner.kind && name === owner.name;
  return (
    isItself || (kind === 'Deployment' && owner.kind === 'ReplicaSet' && owner.name.startsWith(`${name}-`))
  );
}

function whyMatched(pod: Pod, constraints: Constraints): string | undefined {
  const { namespaces = [], labels = false, podLabels, namespaceLabels } = constraints;
  const pattern = namespaces.find((each) => fitsGlob(pod.namespace, each));
  if (pattern !== undefined) {
    return `a range serves namespace ${pattern}`;
  }
  if (!labels) {
    return undefined;
  }
  return (
    whyLabelled('pod', pod.labels, podLabels) ??
    whyLabelled('namespace', pod.namespaceLabels, namespaceLabels)
  );
}

/** @param keys those that ranges ask for; undefined: some, and which isn't told */
function whyLabelled(
  whose: 'pod' | 'namespace',
  labels: Readonly<Record<string, string>> | undefined,
  keys: readonly string[] | undefined,
): string | undefined {
  if (keys?.length === 0) {
    return undefined;
  }
  if (labels === undefined || keys === undefined) {
    return `ranges ask for labels, and the ${whose}’s are not known`;
  }
  const key = keys.find((each) => Object.hasOwn(labels, each));
  return key === undefined ? undefined : `a range asks for the ${whose}’s label ${key}`;
}
