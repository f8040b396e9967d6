import { Ip } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { Reservation } from '../../../schema/reservation.ts';
import { describe } from '../allocation/attachment.ts';
import { isFor } from '../allocation/reserved-for.ts';
import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import type { ReservationRecord } from '../state/record.ts';
import { checkPrecondition, deleting, type Precondition, type Put, putting } from './edit.ts';
import { recalls } from './recall.ts';

/**
 * Reserves addresses, or replaces what a reservation says. What a node's reserve holds is called back; it counts
 * as `warm` until the node lets it go. A reservation that a pod's wish made becomes the admin's own.
 *
 * @param now milliseconds since 1970
 * @throws Problem INVALID_REQUEST when its parts do not fit together
 * @throws Problem ADDRESS_NOT_RESERVABLE, RESERVATION_OVERLAP
 * @throws Problem ADDRESS_IN_USE over the live address of somebody else, ADDRESS_RESERVED over a node's own
 */
export function putReservation(
  ledger: Ledger,
  name: string,
  asIs: Reservation,
  asked: Precondition,
  now: number,
): Decision<Put> {
  const present = ledger.claims.reservations.byName.get(name);
  checkPrecondition(present, asked);
  const ips = asIs.addresses.map(Ip.parse);
  const spec = normal(asIs, ips);
  checkParts(spec, ips, now);
  for (const ip of ips) {
    checkPlace(ledger, spec, ip);
    checkOthers(ledger, name, present, spec, ip.toString());
  }
  const { writes, answer } = putting(ledger, present, (revision) => ({
    kind: 'reservation',
    name,
    record: { revision, spec },
  }));
  return { writes: [...writes, ...recalls(ledger, spec.addresses)], answer };
}

/** Ends a reservation; a pod that has one of its addresses keeps it. @throws Problem PRECONDITION_FAILED */
export function deleteReservation(ledger: Ledger, name: string, asked: Precondition): Decision<undefined> {
  const present = ledger.claims.reservations.byName.get(name);
  return deleting(present, asked, { kind: 'reservation', name }, () => []);
}

function normal(asIs: Reservation, ips: readonly Ip[]): Reservation {
  const { expiresAt } = asIs;
  return {
    ...asIs,
    addresses: ips.map(String),
    ...(expiresAt === undefined ? {} : { expiresAt: timeOf(expiresAt) }),
  };
}

/** In UTC; the format alone lets leap seconds pass, and years that do not exist in every zone. */
function timeOf(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()) || time.getUTCFullYear() > 9999) {
    throw new Problem('INVALID_REQUEST', `expiresAt: ${text} is no time`, { field: 'expiresAt' });
  }
  return time.toISOString();
}

function checkParts(
  { pod, owner, addresses, expiresAt }: Reservation,
  ips: readonly Ip[],
  now: number,
): void {
  const twice = addresses.find((address, index) => addresses.indexOf(address) !== index);
  if (twice !== undefined) {
    throw new Problem('INVALID_REQUEST', `addresses: ${twice} is there twice`, { field: 'addresses' });
  }
  if (pod !== undefined && owner !== undefined) {
    const detail = 'owner: a reservation is for one pod, for a workload’s pods, or for neither; not for both';
    throw new Problem('INVALID_REQUEST', detail, { field: 'owner' });
  }
  if (pod !== undefined && new Set(ips.map(({ family }) => family)).size < ips.length) {
    const detail = 'addresses: a pod’s reservation has at most one of a family';
    throw new Problem('INVALID_REQUEST', detail, { field: 'addresses' });
  }
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now) {
    throw new Problem('INVALID_REQUEST', `expiresAt: ${expiresAt} is past`, { field: 'expiresAt' });
  }
}

/** @throws Problem ADDRESS_NOT_RESERVABLE */
function checkPlace(ledger: Ledger, { pod, owner }: Reservation, ip: Ip): void {
  const network = ledger.networkOf(ip);
  const isForPods = pod !== undefined || owner !== undefined;
  const never = network?.whyNever(ip) ?? null;
  const why =
    network === undefined ? 'it is in no subnet' : network.excludes(ip) && !isForPods ? null : never;
  if (why !== null) {
    throw new Problem('ADDRESS_NOT_RESERVABLE', `${ip} cannot be reserved: ${why}`, {
      address: ip.toString(),
    });
  }
}

/** @throws Problem RESERVATION_OVERLAP, ADDRESS_IN_USE, ADDRESS_RESERVED */
function checkOthers(
  ledger: Ledger,
  name: string,
  present: ReservationRecord | undefined,
  spec: Reservation,
  address: string,
): void {
  const other = ledger.claims.reservations.ofAddress(address);
  if (other !== undefined && other.name !== name) {
    const detail = `${address} is in reservation ${other.name} already`;
    throw new Problem('RESERVATION_OVERLAP', detail, { address, reservation: other.name });
  }
  const holder = ledger.holders.ofAddress(address);
  if (holder !== undefined && !isFor(spec, holder.pod)) {
    throw new Problem('ADDRESS_IN_USE', `${address} belongs to ${describe(holder)}`, { address });
  }
  const node = ledger.claims.nodeOf(address);
  // One that was reserved before the node reported it may stay, or the reservation could not be edited any more.
  if (node !== undefined && present?.spec.addresses.includes(address) !== true) {
    throw new Problem('ADDRESS_RESERVED', `${address} is node ${node}’s own`, { address, node });
  }
}
