import { type Family, Ip } from '../../../core/address/ip.ts';
import { mostAddresses, type Reservation } from '../../../schema/reservation.ts';
import { blockOf, grow } from '../auto/grow.ts';
import type { Decision } from '../decision.ts';
import { nextSequence } from '../edits/edit.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import type { Pool } from '../state/pool.ts';
import type { ReservationRecord } from '../state/record.ts';
import type { NamedReservation } from '../state/reservations.ts';
import type { Choice } from './choice.ts';

/**
 * What a sticky reservation lacks to be as its holders want it: it ends so long after the last of them went, and
 * not while there is one; a workload's has its spare addresses. One lack at a time.
 */
export function settling(
  ledger: Ledger,
  { name, reservation }: NamedReservation,
  now: number,
): Decision<null> | null {
  const { sticky, spec } = reservation;
  if (sticky === undefined) {
    return null;
  }
  const { expiresAt, ...lasting } = spec;
  const isHeld = spec.addresses.some((address) => ledger.holders.ofAddress(address) !== undefined);
  if (!isHeld) {
    const end = new Date(now + sticky.retainSeconds * 1000).toISOString();
    return expiresAt === undefined ? rewriting({ ...spec, expiresAt: end }, 'its last pod has gone') : null;
  }
  if (expiresAt !== undefined) {
    return rewriting(lasting, 'a pod has it again');
  }
  const spare = sticky.by === 'owner' ? nextSpare(ledger, reservation, sticky.spare, now) : undefined;
  const addresses = [...spec.addresses, `${spare?.ip}`];
  return spare === undefined
    ? null
    : rewriting({ ...spec, addresses }, 'its pods ask for spare addresses', spare);

  function rewriting(after: Reservation, why: string, added?: Spare): Decision<null> {
    const { value: revision, write } = nextSequence(ledger);
    const record = { ...reservation, revision, spec: after };
    const block = added?.node === undefined ? [] : blockOf(added, added.node, revision);
    return { writes: [write, ...block, { kind: 'reservation', name, record }], answer: null, why };
  }
}

/** An address to reserve ahead, and the node whose range it is in. */
type Spare = Choice & { readonly node: string | undefined };

/** An address to reserve ahead: of the families that the pods have, from ranges that gave the set its others. */
function nextSpare(
  ledger: Ledger,
  { spec: { addresses } }: ReservationRecord,
  spare: number,
  now: number,
): Spare | undefined {
  if (addresses.length >= mostAddresses) {
    return undefined;
  }
  const ips = addresses.map(Ip.parse);
  const families = new Set<Family>(
    ips.filter((ip) => ledger.holders.ofAddress(ip.toString()) !== undefined).map(({ family }) => family),
  );
  for (const family of families) {
    const ofFamily = ips.filter((ip) => ip.family === family);
    const unheld = ofFamily.filter((ip) => ledger.holders.ofAddress(ip.toString()) === undefined);
    const found = unheld.length < spare ? nextFrom(ledger, ofFamily, now) : undefined;
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/**
 * The newest address's range first: it is the one that is in use now. A node's own that are used up get one more,
 * where the subnet makes them.
 */
function nextFrom(ledger: Ledger, ips: readonly Ip[], now: number): Spare | undefined {
  const pools = new Map<Pool, Network>();
  for (const ip of [...ips].reverse()) {
    const network = ledger.networkOf(ip);
    const pool = network?.poolOf(ip);
    if (network === undefined || pool === undefined || pool.isDisabled || pools.has(pool)) {
      continue;
    }
    pools.set(pool, network);
    const found = pool.next(now, network);
    if (found !== undefined) {
      return { network, range: pool.name, ip: found, node: pool.spec.node };
    }
  }
  for (const [{ spec }, network] of pools) {
    const { node } = spec;
    const made = node !== undefined && ledger.nodes.has(node) ? grow(ledger, network, node, now) : undefined;
    if (made !== undefined) {
      return { ...made, node };
    }
  }
  return undefined;
}
