import { Problem } from '../../../core/problem/problem.ts';
import type { Allocation, AllocationRequest } from '../../../schema/allocation.ts';
import { blockOf } from '../auto/grow.ts';
import type { Decision, Moment } from '../decision.ts';
import { nextSequence } from '../edits/edit.ts';
import { zoneOf } from '../nodes/agent.ts';
import { checkMayGive } from '../nodes/may-give.ts';
import type { Ledger } from '../state/ledger.ts';
import { type AllocationRecord, attachmentName, type Write } from '../state/record.ts';
import type { Choice } from './choice.ts';
import { choicesFor } from './choices.ts';
import { derivedMac, wantedMac } from './mac.ts';
import { withoutOthers } from './owned.ts';
import { identityOf } from './pod-identity.ts';
import { stickyWrites } from './sticky.ts';
import { allocationAnswer } from './view.ts';

export interface Allocated {
  readonly created: boolean;
  readonly allocation: Allocation;
}

/**
 * Gives an attachment its addresses, one of each family, all or none; an attachment that has some keeps them.
 *
 * @throws Problem NODE_UNKNOWN, ATTACHMENT_ON_OTHER_NODE, RANGE_EXHAUSTED, SUBNET_UNKNOWN, SUBNET_NOT_OF_NODE,
 *   ADDRESS_NOT_GIVEN, ADDRESS_IN_USE, ADDRESS_WARM, ADDRESS_RESERVED, ADDRESS_COOLING,
 *   ADDRESS_QUARANTINED, RESERVATION_*, OWNER_UNKNOWN, MAC_IN_USE, INVALID_REQUEST, EPOCH_PENDING,
 *   NODE_FENCED
 */
export function allocate(ledger: Ledger, request: AllocationRequest, moment: Moment): Decision<Allocated> {
  checkMayGive(ledger, request.node);
  const name = attachmentName(request);
  const present = ledger.holders.ofAttachment(name);
  if (present !== undefined) {
    if (present.node !== request.node) {
      const detail = `${name} is on node ${present.node}, not on ${request.node}`;
      throw new Problem('ATTACHMENT_ON_OTHER_NODE', detail, { node: present.node });
    }
    return { writes: [], answer: { created: false, allocation: allocationAnswer(ledger, present) } };
  }
  const zone = zoneOf(ledger, request.node);
  const choices = choicesFor(ledger, request, zone, moment.now);
  const ips = choices.map((choice) => choice.ip);
  const mac =
    request.mac === undefined ? derivedMac(ledger, zone, ips) : wantedMac(ledger, zone, request.mac);
  const { value: generation, write } = nextSequence(ledger);
  const record = recordOf(request, choices, mac, generation, moment);
  const writes: Write[] = [
    write,
    ...choices.flatMap((choice) => blockOf(choice, request.node, generation)),
    ...stickyWrites(ledger, request.pod, choices, generation),
    { kind: 'allocation', name, record },
  ];
  for (const { address } of record.ips) {
    writes.push(...withoutOthers(ledger, address));
  }
  return { writes, answer: { created: true, allocation: allocationAnswer(ledger, record) } };
}

function recordOf(
  request: AllocationRequest,
  choices: readonly Choice[],
  mac: string,
  generation: number,
  moment: Moment,
): AllocationRecord {
  const { node, network, containerId, ifname } = request;
  return {
    id: moment.id,
    generation,
    at: moment.now,
    node,
    network,
    containerId,
    ifname,
    ...(request.pod === undefined ? {} : { pod: identityOf(request.pod) }),
    mac,
    ips: choices.map((choice) => ({
      address: choice.ip.toString(),
      subnet: choice.network.name,
      ...(choice.range === undefined ? {} : { range: choice.range }),
    })),
  };
}
