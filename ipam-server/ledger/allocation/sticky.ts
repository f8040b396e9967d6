import { parseDuration } from '../../../core/duration.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { Pod } from '../../../schema/allocation.ts';
import { mostAddresses, type Reservation } from '../../../schema/reservation.ts';
import type { Ledger } from '../state/ledger.ts';
import type { ReservationRecord, Write } from '../state/record.ts';
import type { NamedReservation } from '../state/reservations.ts';
import type { Choice } from './choice.ts';
import { workloadOf } from './reserved-for.ts';

const defaultRetainSeconds = 24 * 3_600;

type Wish = NonNullable<ReservationRecord['sticky']>;

/**
 * What an allocation reserves because its pod asks to keep its address: the addresses that nobody has reserved
 * yet join the reservation of the pod, or of its workload. It ends by itself (sticky-upkeep.ts).
 *
 * @param revision the number of the allocation
 * @throws Problem OWNER_UNKNOWN, RESERVATION_EXHAUSTED
 */
export function stickyWrites(
  ledger: Ledger,
  pod: Pod | undefined,
  choices: readonly Choice[],
  revision: number,
): Write[] {
  if (pod?.sticky === undefined) {
    return [];
  }
  const wish = wishOf(pod, pod.sticky);
  const holder = holderOf(pod, wish.by);
  const present = presentOf(ledger, holder);
  const added = choices.filter(({ ip }) => ledger.claims.reservations.ofAddress(ip.toString()) === undefined);
  if (present === undefined && added.length === 0) {
    return [];
  }
  const kept = keptOf(ledger, present, wish, added);
  const addresses = [...kept, ...added.map(({ ip }) => ip.toString())];
  if (addresses.length > mostAddresses) {
    const detail = `the sticky addresses of ${words(holder)} would be more than ${mostAddresses}`;
    throw new Problem('RESERVATION_EXHAUSTED', detail, { reservation: present?.name });
  }
  if (added.length === 0 && present !== undefined && isSame(present.reservation.sticky, wish)) {
    return [];
  }
  const spec: Reservation = { addresses, ...holder, comment: `kept for ${words(holder)}, as its pods ask` };
  const name = present?.name ?? newName(ledger, holder, revision);
  return [{ kind: 'reservation', name, record: { revision, spec, sticky: wish } }];
}

function wishOf({ retain, spare }: Pod, by: Wish['by']): Wish {
  const seconds = retain === undefined ? undefined : parseDuration(retain);
  return {
    by,
    retainSeconds: seconds ?? defaultRetainSeconds,
    spare: by === 'owner' ? (spare ?? 0) : 0,
  };
}

function isSame(a: Wish | undefined, b: Wish): boolean {
  return a?.by === b.by && a.retainSeconds === b.retainSeconds && a.spare === b.spare;
}

type Holder = Pick<Reservation, 'pod' | 'owner'>;

/** @throws Problem OWNER_UNKNOWN */
function holderOf(pod: Pod, by: Wish['by']): Holder {
  const { namespace, name } = pod;
  if (by === 'pod') {
    return { pod: { namespace, name } };
  }
  const owner = workloadOf(pod);
  if (owner === undefined) {
    const detail = `pod ${namespace}/${name} asks to keep the addresses of its owner, which the request does not name`;
    throw new Problem('OWNER_UNKNOWN', detail);
  }
  return { owner };
}

function presentOf(
  { claims: { reservations } }: Ledger,
  { pod, owner }: Holder,
): NamedReservation | undefined {
  const all = [...(pod ? reservations.ofPod(pod) : []), ...(owner ? reservations.ofOwner(owner) : [])];
  return all.find(({ reservation }) => reservation.sticky !== undefined);
}

/** A workload keeps all that it had; a pod gives up what a new address of the same family replaces. */
function keptOf(
  ledger: Ledger,
  present: NamedReservation | undefined,
  { by }: Wish,
  added: readonly Choice[],
): readonly string[] {
  const before = present?.reservation.spec.addresses ?? [];
  const isReplaced = (address: string) =>
    ledger.holders.ofAddress(address) === undefined &&
    added.some(({ ip }) => (ip.family === 'ipv6') === address.includes(':'));
  return by === 'owner' ? before : before.filter((address) => !isReplaced(address));
}

/** Readable where it can be: Kubernetes' names are DNS-1123, the kind's apart from its capitals. */
function newName(ledger: Ledger, { pod, owner }: Holder, revision: number): string {
  const parts = pod
    ? ['pod', pod.namespace, pod.name]
    : [owner?.kind.toLowerCase(), owner?.namespace, owner?.name];
  const name = ['sticky', ...parts].join('.');
  const isName =
    name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
  return isName && !ledger.claims.reservations.byName.has(name) ? name : `sticky.${revision}`;
}

function words({ pod, owner }: Holder): string {
  return pod ? `pod ${pod.namespace}/${pod.name}` : `${owner?.kind} ${owner?.namespace}/${owner?.name}`;
}
