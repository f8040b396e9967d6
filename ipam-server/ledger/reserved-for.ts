import type { Pod } from '../../schema/allocation.ts';
import type { Reservation } from '../../schema/reservation.ts';

/** The workload that a pod belongs to, with its namespace, as reservations name it. */
export function workloadOf({ namespace, owner }: Pod): NonNullable<Reservation['owner']> | undefined {
  return owner && { namespace: owner.namespace ?? namespace, kind: owner.kind, name: owner.name };
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
