import { Problem } from '../../../core/problem/problem.ts';
import type { AttachmentKey } from '../../../schema/allocation.ts';
import { isQuarantined } from '../addresses/quarantine.ts';
import type { Decision, Moment } from '../decision.ts';
import { nextSequence } from '../edits/edit.ts';
import type { Ledger } from '../state/ledger.ts';
import { type AllocationRecord, attachmentName, type ReleasedRecord, type Write } from '../state/record.ts';
import { describe, podName } from './attachment.ts';

/** Who may release, and what: without a bound, anything. */
export interface ReleaseBounds {
  /** Only an allocation of this generation; another is left alone. */
  readonly generation?: number;
  /** Only an allocation on this node. */
  readonly node?: string;
}

/**
 * Takes an attachment's addresses back; they rest from now. Nothing happens where there is no such attachment,
 * or one of another generation: a late release never frees a newer owner.
 *
 * @throws Problem ROLE_INSUFFICIENT when it is on another node than the caller's
 */
export function release(
  ledger: Ledger,
  key: AttachmentKey,
  bounds: ReleaseBounds,
  moment: Pick<Moment, 'now'>,
): Decision<AllocationRecord | null> {
  const name = attachmentName(key);
  const record = ledger.holders.ofAttachment(name);
  if (record === undefined) {
    return { writes: [], answer: null };
  }
  if (bounds.node !== undefined && bounds.node !== record.node) {
    throw new Problem(
      'ROLE_INSUFFICIENT',
      `${name} is on node ${record.node}; the token is node ${bounds.node}’s`,
    );
  }
  if (bounds.generation !== undefined && bounds.generation !== record.generation) {
    return { writes: [], answer: null };
  }
  return { writes: endOf(ledger, record, moment.now), answer: record };
}

/**
 * The end of an allocation: its addresses rest from now, and one that somebody else was seen to use meanwhile
 * goes into quarantine.
 *
 * @param ahead 2 for the second that one decision ends, and so on: what rests comes in this order
 */
export function endOf(ledger: Ledger, record: AllocationRecord, now: number, ahead = 1): Write[] {
  const { value: sequence, write } = nextSequence(ledger, ahead);
  const [by, attachment] = [describe(record), attachmentName(record)];
  const writes: Write[] = [write];
  for (const { address } of record.ips) {
    writes.push(...resting(ledger, address, released(address)));
  }
  // Last, so that no address is without a stand for a moment.
  writes.push({ kind: 'allocation', name: attachment, record: null });
  return writes;

  function released(address: string): ReleasedRecord {
    const pod = podName(record);
    const isRemembered = pod !== undefined && ledger.claims.reservations.ofAddress(address) !== undefined;
    const holder = isRemembered ? { holder: { pod, ifname: record.ifname } } : {};
    return { at: now, sequence, by, attachment, ...holder };
  }
}

/**
 * An address rests from now on; one that somebody else was seen to use and whose quarantine is not over goes into
 * quarantine anew. An older conflict ends, or the address would stand as one that may be given again.
 */
export function resting(ledger: Ledger, address: string, released: ReleasedRecord): Write[] {
  const { at, sequence } = released;
  const contested = ledger.contestedAt(address);
  const network = contested && ledger.networkOf(contested.ip);
  if (contested !== undefined && network !== undefined && isQuarantined(network, contested, at)) {
    const { node, mac } = contested.record;
    return [{ kind: 'conflict', name: address, record: { at, sequence, node, mac } }];
  }
  const write: Write = { kind: 'released', name: address, record: released };
  return contested === undefined ? [write] : [{ kind: 'conflict', name: address, record: null }, write];
}
