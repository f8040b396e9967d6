import type { Ip } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { AddressReport, AddressState, Owner } from '../../../schema/address.ts';
import type { Reservation } from '../../../schema/reservation.ts';
import type { Claim } from '../state/claims.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import type { AllocationRecord } from '../state/record.ts';
import { type Quarantine, quarantineOf } from './quarantine.ts';

/** The subnet of an address; @throws Problem ADDRESS_OUTSIDE_SUBNETS */
export function networkIn(ledger: Ledger, ip: Ip): Network {
  const network = ledger.networkOf(ip);
  if (network === undefined) {
    throw new Problem('ADDRESS_OUTSIDE_SUBNETS', `${ip} is in no subnet`);
  }
  return network;
}

/** The state of an address of a subnet, why, and until when; @throws Problem ADDRESS_OUTSIDE_SUBNETS */
export function reportAddress(ledger: Ledger, ip: Ip, now: number): AddressReport {
  const network = networkIn(ledger, ip);
  const address = ip.toString();
  const holder = ledger.holders.ofAddress(address);
  const quarantine = quarantineOf(ledger, network, address, now);
  if (holder !== undefined) {
    return reportHeld(address, holder, quarantine);
  }
  if (quarantine !== null) {
    return { address, state: 'quarantined', ...quarantine };
  }
  const claim = ledger.claims.of(address);
  if (claim !== undefined) {
    return reportClaimed(address, claim);
  }
  const entry = ledger.releasedAt(address);
  if (entry !== undefined && entry.record.at + network.cooldown > now) {
    const until = new Date(entry.record.at + network.cooldown).toISOString();
    return { address, state: 'cooling', why: `released by ${entry.record.by}`, until };
  }
  const never = network.whyNever(ip);
  if (never !== null) {
    return { address, state: 'reserved', why: never };
  }
  const pool = network.poolOf(ip);
  if (pool === undefined) {
    return { address, state: 'free', why: 'it is in no range, so nobody is given it' };
  }
  return { address, state: 'free', ...(pool.isDisabled ? { why: `range ${pool.name} is disabled` } : {}) };
}

/** An address with its owner, and with the conflict in which it is, if any. */
export function reportHeld(
  address: string,
  holder: AllocationRecord,
  conflict: Quarantine | null,
): AddressReport {
  const why = conflict === null ? {} : { why: `conflict: ${conflict.why}` };
  return { address, state: 'allocated', owner: ownerOf(holder), ...why };
}

function reportClaimed(address: string, claim: Claim): AddressReport {
  switch (claim.by) {
    case 'warm': {
      const { node, until } = claim.warm;
      const why = `node ${node} holds it in reserve`;
      return { address, state: 'warm', why, until: new Date(until).toISOString() };
    }
    case 'reservation':
      return { address, state: 'reserved', ...describeReservation(claim.name, claim.reservation.spec) };
    case 'node':
      return { address, state: 'reserved', why: `it is node ${claim.node}’s own` };
  }
}

/** For whom an address is reserved, and until when. */
function describeReservation(
  name: string,
  { pod, owner, expiresAt }: Reservation,
): { why: string; until?: string } {
  const forPod = pod && ` for pod ${pod.namespace}/${pod.name}`;
  const forOwner = owner && ` for ${owner.kind} ${owner.namespace}/${owner.name}`;
  const until = expiresAt === undefined ? {} : { until: expiresAt };
  return { why: `reservation ${name}${forPod ?? ''}${forOwner ?? ''}`, ...until };
}

function ownerOf({ node, network, containerId, ifname, pod }: AllocationRecord): Owner {
  return { node, network, containerId, ifname, ...(pod === undefined ? {} : { pod }) };
}

/** The state of an address that a range of the subnet may give. */
export function stateOf(ledger: Ledger, network: Network, address: string, now: number): AddressState {
  if (ledger.holders.ofAddress(address) !== undefined) {
    return 'allocated';
  }
  if (quarantineOf(ledger, network, address, now) !== null) {
    return 'quarantined';
  }
  const claimed = ledger.claims.stateOf(address);
  if (claimed !== undefined) {
    return claimed;
  }
  const entry = ledger.releasedAt(address);
  return entry !== undefined && entry.record.at + network.cooldown > now ? 'cooling' : 'free';
}
