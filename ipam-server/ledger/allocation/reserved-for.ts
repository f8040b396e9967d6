import { deploymentOf } from '../../../core/workload.ts';
import type { Pod } from '../../../schema/allocation.ts';
import type { Reservation } from '../../../schema/reservation.ts';

/** The workload that a pod belongs to, with its namespace, as reservations name it. */
export function workloadOf(pod: Pod): NonNullable<Reservation['owner']> | undefined {
  const owner = lastingOwner(pod);
  return owner && { namespace: owner.namespace ?? pod.namespace, kind: owner.kind, name: owner.name };
}

/** A pod's owner; its Deployment in place of a ReplicaSet, so that both sides of a roll-out are of one workload. */
export function lastingOwner({ owner, labels }: Pod): Pod['owner'] {
  const deployment =
    owner?.kind === 'ReplicaSet' ? deploymentOf(owner.name, labels?.['pod-template-hash']) : undefined;
  if (owner === undefined || deployment === undefined) {
    return owner;
  }
  const { uid: _, ...rest } = owner;
  return { ...rest, kind: 'Deployment', name: deployment };
}

/** Reports whether a reservation is for a pod, by its name or its workload's. */
export function isFor({ pod, owner }: Pick<Reservation, 'pod' | 'owner'>, who: Pod | undefined): boolean {
  if (who === undefined) {
    return false;
  }
  if (pod !== undefined) {
    return pod.namespace === who.namespace && pod.name === who.name;
  }
  const workload = workloadOf(who);
  return (
    owner !== undefined &&
    workload !== undefined &&
    owner.namespace === workload.namespace &&
    owner.kind === workload.kind &&
    owner.name === workload.name
  );
}
