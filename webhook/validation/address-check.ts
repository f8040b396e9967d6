import type { Ip } from '../../core/address/ip.ts';
import { Problem, type ProblemFacts } from '../../core/problem/problem.ts';
import type { AddressFacts, AddressReport } from '../../schema/address.ts';
import { zoneKey } from '../policy/names.ts';
import { type Pod, textAt } from '../policy/pod.ts';
import type { Zone } from '../policy/policy.ts';
import { type Applicant, isFor } from './applicant.ts';

/** What the ledger says of an address: a report, that it is in none of its subnets, or (null) nothing. */
export type Looked = AddressReport | 'outside' | null;

/** A pod that wants an address, and where it was placed. */
export interface Wanting {
  readonly pod: Pod;
  readonly zone: Zone;
  readonly who: Applicant;
}

export const notChecked =
  'realip.io/addresses was not checked: the IPAM server did not answer; it decides as the pod starts';

const never: Readonly<Record<NonNullable<AddressFacts['never']>, string>> = {
  subnet: 'it names its subnet itself (network, broadcast or anycast)',
  gateway: 'it is the gateway of its subnet',
  excluded: 'its subnet excludes it',
  node: 'it is a node’s own',
};

/**
 * Judges a wanted address by what the ledger says: refuses what could never be given to this pod, and warns of what
 * may have changed by the time it starts.
 *
 * @returns warnings
 * @throws Problem FIXED_ADDRESS_OUTSIDE, FIXED_ADDRESS_UNUSABLE, FIXED_ADDRESS_RESERVED, FIXED_ADDRESS_WRONG_ZONE
 */
export function checkAddress(ip: Ip, looked: Looked, wanting: Wanting): string[] {
  if (looked === null) {
    return [notChecked];
  }
  if (looked === 'outside') {
    throw refused('FIXED_ADDRESS_OUTSIDE', ip, 'it is in no subnet that the IPAM server knows');
  }
  const { facts } = looked;
  if (facts?.never !== undefined) {
    throw refused('FIXED_ADDRESS_UNUSABLE', ip, never[facts.never]);
  }
  const isOwn = facts === undefined ? false : checkFacts(ip, facts, wanting);
  return [...ofRange(ip, facts), ...ofState(ip, looked, wanting.who, isOwn)];
}

/** Whether the address is reserved for the pod; null where that can't be known yet. */
function checkFacts(ip: Ip, facts: AddressFacts, { pod, zone, who }: Wanting): boolean | null {
  checkZone(ip, facts, pod, zone);
  const { reservation } = facts;
  if (reservation === undefined) {
    if (facts.range === undefined) {
      throw refused('FIXED_ADDRESS_OUTSIDE', ip, `it is in no range of subnet ${facts.subnet}`);
    }
    return false;
  }
  const isOwn = isFor(reservation, who);
  if (isOwn === false) {
    throw refused(
      'FIXED_ADDRESS_RESERVED',
      ip,
      `reservation ${reservation.name} has it${forWhom(reservation)}`,
    );
  }
  return isOwn;
}

/** Nodes have their ledger's zone and its type as labels, so a selector on these tells which zone's nodes are meant. */
function checkZone(ip: Ip, { subnet, zone, zoneType }: AddressFacts, pod: Pod, own: Zone): void {
  const wanted = textAt(pod.spec.nodeSelector, zoneKey) ?? textAt(own.nodeSelector, zoneKey);
  const where = `it is in subnet ${subnet} of zone ${zone}`;
  if (wanted !== undefined && wanted !== zone) {
    const detail = `${where}, and the pod’s nodes have ${zoneKey}="${wanted}" (its zone is "${own.name}")`;
    throw refused('FIXED_ADDRESS_WRONG_ZONE', ip, detail);
  }
  if (zoneType !== own.type) {
    const detail = `${where}, which is ${zoneType}, and the pod’s zone "${own.name}" is ${own.type}`;
    throw refused('FIXED_ADDRESS_WRONG_ZONE', ip, detail);
  }
}

function ofRange(ip: Ip, facts: AddressFacts | undefined): string[] {
  const { range, reservation } = facts ?? {};
  if (range === undefined || reservation !== undefined) {
    return [];
  }
  if (range.disabled) {
    return [`${ip} is given to nobody while range ${range.name} is disabled`];
  }
  return range.node === undefined
    ? []
    : [`${ip} is of range ${range.name}: only node ${range.node} gives it`];
}

function ofState(
  ip: Ip,
  { state, owner, why, until, facts }: AddressReport,
  who: Applicant,
  isOwn: boolean | null,
): string[] {
  switch (state) {
    case 'allocated': {
      const { namespace, name } = owner?.pod ?? {};
      const isSelf = name !== undefined && namespace === who.namespace && name === who.name;
      const holder = name === undefined ? `node ${owner?.node}` : `pod ${namespace}/${name}`;
      return isSelf ? [] : [`${ip} is in use by ${holder}: the pod waits until it is free`];
    }
    case 'cooling':
      return isOwn === true ? [] : [`${ip} rests until ${until} after its last use: the pod waits for it`];
    case 'quarantined':
      return [`${ip} is in quarantine until ${until}: the pod waits (${why})`];
    case 'reserved':
      // Without facts (an older server) nobody can say for whom; with them it is this pod's, or may be.
      return facts === undefined || isOwn === null ? [`${ip} is reserved: ${why}`] : [];
    default:
      return [];
  }
}

function forWhom({ pod, owner }: NonNullable<AddressFacts['reservation']>): string {
  if (pod !== undefined) {
    return ` for pod ${pod.namespace}/${pod.name}`;
  }
  return owner === undefined ? '' : ` for ${owner.kind} ${owner.namespace}/${owner.name}`;
}

type Code =
  | 'FIXED_ADDRESS_OUTSIDE'
  | 'FIXED_ADDRESS_UNUSABLE'
  | 'FIXED_ADDRESS_RESERVED'
  | 'FIXED_ADDRESS_WRONG_ZONE';

function refused(code: Code, ip: Ip, why: string): Problem {
  const facts: ProblemFacts = { address: `${ip}` };
  return new Problem(code, `the pod can’t get ${ip}: ${why}`, facts);
}
