import { Ip } from '../../../core/address/ip.ts';
import { defaultMacPrefix, Mac } from '../../../core/address/mac.ts';
import type { ProblemCode } from '../../../core/problem/registry.ts';
import type { LiveAttachment } from '../../../schema/node-sync.ts';
import { describeQuarantine, isQuarantined } from '../addresses/quarantine.ts';
import { describe } from '../allocation/attachment.ts';
import { derivedMac } from '../allocation/mac.ts';
import { withoutOthers } from '../allocation/owned.ts';
import { identityOf } from '../allocation/pod-identity.ts';
import { isFor } from '../allocation/reserved-for.ts';
import type { Decision, Moment } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import { type AllocationRecord, attachmentName, type HeldAddress } from '../state/record.ts';

/** Whose attachment it is and where it was seen. */
export interface Sight {
  readonly node: string;
  readonly zone: string;
  readonly shown: LiveAttachment;
  /** Its addresses. */
  readonly ips: readonly Ip[];
}

/** Why an address is not taken for what a node shows it as. */
export interface Refusal {
  readonly ip: Ip;
  readonly code: ProblemCode;
  readonly why: string;
}

/** What came of an attachment that the ledger did not know: those of its addresses that were nobody's are its own. */
export interface Adoption {
  readonly record: AllocationRecord | null;
  readonly refusals: readonly Refusal[];
}

/** Takes a live attachment in as it is, with its addresses and its MAC, as far as they are nobody's. */
export function adopt(ledger: Ledger, sight: Sight, moment: Moment): Decision<Adoption> {
  const refusals: Refusal[] = [];
  const ips: HeldAddress[] = [];
  for (const ip of sight.ips) {
    const place = placeFor(ledger, ip, sight, moment.now);
    if ('code' in place) {
      refusals.push(place);
    } else {
      ips.push(place);
    }
  }
  if (ips.length === 0) {
    return { writes: [], answer: { record: null, refusals } };
  }
  const { node, zone, shown } = sight;
  const { network, containerId, ifname, pod } = shown;
  // Above the number that it had, which a restored ledger might give to another otherwise.
  const generation = Math.max(ledger.sequence, shown.generation ?? 0) + 1;
  const mac =
    shown.mac === undefined
      ? derivedMac(
          ledger,
          zone,
          ips.map(({ address }) => Ip.parse(address)),
        )
      : Mac.parse(shown.mac).toString();
  const record: AllocationRecord = {
    id: moment.id,
    generation,
    at: moment.now,
    node,
    network,
    containerId,
    ifname,
    ...(pod === undefined ? {} : { pod: identityOf(pod) }),
    mac,
    ips,
  };
  return {
    writes: [
      { kind: 'meta', name: 'sequence', record: { value: generation } },
      { kind: 'allocation', name: attachmentName(record), record },
      ...ips.flatMap(({ address }) => withoutOthers(ledger, address)),
    ],
    answer: { record, refusals },
    why: `node ${node} shows it and the ledger did not know it`,
    allocatedAs: 'adopted',
  };
}

/** The address as the allocation would hold it, or why it cannot. */
function placeFor(ledger: Ledger, ip: Ip, sight: Sight, now: number): HeldAddress | Refusal {
  const network = ledger.networkOf(ip);
  if (network === undefined) {
    return { ip, code: 'ADDRESS_OUTSIDE_SUBNETS', why: 'it is in no subnet' };
  }
  const refusal =
    outOfPlace(ip, network, sight) ??
    ownedByOther(ledger, ip) ??
    claimedByOther(ledger, ip, sight) ??
    seenElsewhere(ledger, ip, network, sight, now);
  const range = network.poolOf(ip)?.name;
  return (
    refusal ?? {
      address: ip.toString(),
      subnet: network.name,
      ...(range === undefined ? {} : { range }),
    }
  );
}

function outOfPlace(ip: Ip, network: Network, { node, zone }: Sight): Refusal | null {
  if (network.spec.zone !== zone) {
    const why = `subnet ${network.name} is of zone ${network.spec.zone}, node ${node} of zone ${zone}`;
    return { ip, code: 'SUBNET_NOT_OF_NODE', why };
  }
  const never = network.whyNever(ip);
  return never === null ? null : { ip, code: 'ADDRESS_NOT_GIVEN', why: never };
}

function ownedByOther(ledger: Ledger, ip: Ip): Refusal | null {
  const owner = ledger.holders.ofAddress(ip.toString());
  return owner === undefined ? null : { ip, code: 'ADDRESS_IN_USE', why: `it belongs to ${describe(owner)}` };
}

function claimedByOther(ledger: Ledger, ip: Ip, { node, shown }: Sight): Refusal | null {
  const claim = ledger.claims.of(ip.toString());
  switch (claim?.by) {
    case 'warm':
      return claim.warm.node === node
        ? null
        : { ip, code: 'ADDRESS_WARM', why: `it is in the reserve of node ${claim.warm.node}` };
    case 'node':
      return { ip, code: 'ADDRESS_RESERVED', why: `it is node ${claim.node}’s own` };
    case 'reservation':
      return isFor(claim.reservation.spec, shown.pod)
        ? null
        : { ip, code: 'ADDRESS_RESERVED', why: `it is reservation ${claim.name}’s` };
    default:
      return null;
  }
}

/** Somebody else uses it, unless the one that was seen is this attachment itself. */
function seenElsewhere(ledger: Ledger, ip: Ip, network: Network, sight: Sight, now: number): Refusal | null {
  const contested = ledger.contestedAt(ip.toString());
  if (contested === undefined || !isQuarantined(network, contested, now)) {
    return null;
  }
  const isItself = macSeen(ledger, sight, ip) === contested.record.mac;
  const { why } = describeQuarantine(ledger, network, contested);
  return isItself ? null : { ip, code: 'ADDRESS_QUARANTINED', why };
}

/** The MAC by which an address of an attachment is seen: its own, else the one that belongs to the address. */
export function macSeen(ledger: Ledger, { zone, shown }: Sight, ip: Ip): string {
  if (shown.mac !== undefined) {
    return Mac.parse(shown.mac).toString();
  }
  const prefix = ledger.zones.get(zone)?.spec.macPrefix ?? defaultMacPrefix;
  return Mac.derived(prefix, ip).toString();
}
