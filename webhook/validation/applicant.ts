import { deploymentOf } from '../../core/workload.ts';
import type { AddressFacts } from '../../schema/address.ts';
import type { Arrival } from '../policy/arrival.ts';
import { type Pod, textAt } from '../policy/pod.ts';

/** A workload, as reservations name it beside its namespace. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
}

/** Who asks for an address. */
export interface Applicant {
  readonly namespace: string;
  /** None while the API server has not made one of `generateName`. */
  readonly name?: string;
  readonly owner?: Workload;
}

export function applicantOf({ pod, namespace }: Pick<Arrival, 'pod' | 'namespace'>): Applicant {
  const name = pod.metadata?.name;
  const owner = workloadOf(pod);
  return { namespace, ...(name ? { name } : {}), ...(owner === undefined ? {} : { owner }) };
}

/** The pod's controller; its Deployment in place of a ReplicaSet. */
function workloadOf({ metadata }: Pod): Workload | undefined {
  const { kind, name } = metadata?.ownerReferences?.find(({ controller }) => controller === true) ?? {};
  if (!kind || !name) {
    return undefined;
  }
  const deployment =
    kind === 'ReplicaSet' ? deploymentOf(name, textAt(metadata?.labels, 'pod-template-hash')) : undefined;
  return deployment === undefined ? { kind, name } : { kind: 'Deployment', name: deployment };
}

/** Whether a reservation is for an applicant; null where a name that is not made yet decides. */
export function isFor(
  { pod, owner }: NonNullable<AddressFacts['reservation']>,
  who: Applicant,
): boolean | null {
  if (pod !== undefined) {
    return pod.namespace === who.namespace && (who.name === undefined ? null : pod.name === who.name);
  }
  return (
    owner !== undefined &&
    owner.namespace === who.namespace &&
    owner.kind === who.owner?.kind &&
    owner.name === who.owner.name
  );
}
