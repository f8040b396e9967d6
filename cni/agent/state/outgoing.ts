import { Ip } from '../../../core/address/ip.ts';
import type { Allocation, AllocationRequest } from '../../../schema/allocation.ts';
import type { BatchRelease, BatchReleased } from '../../../schema/batch.ts';
import type { ProblemAnswer } from '../../../schema/problem.ts';
import { addressesOf, attachmentName, isRecorded, type StayRecord } from './record.ts';

/** What the server is to be told next of one stay, as an item of POST /v1/allocations:batch. */
export type Outgoing =
  | {
      readonly is: 'allocate';
      readonly serial: number;
      readonly allocate: AllocationRequest;
      readonly requestId?: string;
    }
  | {
      readonly is: 'release';
      readonly serial: number;
      readonly release: BatchRelease;
      readonly requestId?: string;
    };

/** The server's answer to an item. */
export type OutgoingAnswer = Allocation | BatchReleased | ProblemAnswer;

/** What came of an answer. */
export interface Outcome {
  /** The stay as it is from now on; null: nothing is left to tell. */
  readonly stay: StayRecord | null;
  /** Why the server doesn't take it. */
  readonly trouble?: { readonly code: string; readonly detail: string };
}

/** Milliseconds after which what the server refused is tried again: quarantines end, ranges come back. */
const again = 60_000;

/** What the server is to be told next of a stay; undefined: nothing now. */
export function nextOf(stay: StayRecord, node: string, now: number): Outgoing | undefined {
  const { serial, network, containerId, ifname, allocation, displaces, endedAt, requestId } = stay;
  const key = { network, containerId, ifname };
  const base = { serial, ...(requestId === undefined ? {} : { requestId }) };
  const release = (generation: number | undefined): Outgoing => ({
    ...base,
    is: 'release',
    release: { ...key, ...(generation === undefined ? {} : { generation }) },
  });
  if (allocation === undefined) {
    return release(stay.generation);
  }
  if (displaces !== undefined) {
    return release(displaces);
  }
  if (isRecorded(stay)) {
    return endedAt === undefined ? undefined : release(allocation.generation);
  }
  const isRested = stay.refused === undefined || Math.abs(now - stay.refused.at) >= again;
  if (stay.otherwise !== undefined || !isRested) {
    return undefined;
  }
  const { pod } = stay;
  const addresses = addressesOf(stay);
  const allocate: AllocationRequest = {
    node,
    ...key,
    ...(pod === undefined ? {} : { pod }),
    // The interface has this one, whatever the server would derive by now.
    ...(endedAt === undefined ? { mac: allocation.mac } : {}),
    addresses,
    // The pod may have wanted fewer families than the node has ranges for.
    families: [...new Set(addresses.map((address) => Ip.parse(address).family))],
  };
  return { ...base, is: 'allocate', allocate };
}

/** What follows from the server's answer to what it was told of a stay. */
export function outcomeOf(stay: StayRecord, told: Outgoing, answer: OutgoingAnswer, now: number): Outcome {
  if ('code' in answer) {
    return refusedBy(stay, told, answer, now);
  }
  if ('generation' in answer) {
    return told.is === 'allocate' ? recordedAs(stay, answer) : { stay };
  }
  if (told.is !== 'release') {
    return { stay };
  }
  if (stay.displaces !== undefined && stay.displaces === told.release.generation) {
    const { displaces: _, ...rest } = stay;
    return { stay: rest };
  }
  const { endedAt, allocation } = stay;
  const isEnd = allocation === undefined || told.release.generation === allocation.generation;
  return { stay: endedAt !== undefined && isEnd ? null : stay };
}

function recordedAs(stay: StayRecord, answer: Allocation): Outcome {
  const { allocation, refused: _, ...rest } = stay;
  if (allocation === undefined || isRecorded(stay)) {
    return { stay };
  }
  const [ours, theirs] = [addressesOf(stay), addressesOf({ allocation: answer })];
  if (ours.length === theirs.length && ours.every((address) => theirs.includes(address))) {
    const { id, generation } = answer;
    return { stay: { ...rest, allocation: { ...allocation, id, generation } } };
  }
  const trouble = {
    code: 'ADDRESS_NOT_GIVEN',
    detail: `the server has ${theirs.join(', ')} for this attachment, and its pod was given ${ours.join(', ')}`,
  };
  // Of one that has ended nothing shows any more which it had: both end.
  return stay.endedAt === undefined
    ? { stay: { ...rest, allocation, otherwise: answer }, trouble }
    : { stay: { ...rest, allocation, displaces: answer.generation }, trouble };
}

function refusedBy(stay: StayRecord, told: Outgoing, answer: ProblemAnswer, now: number): Outcome {
  const { code, detail } = answer;
  if (isPassing(answer)) {
    return { stay };
  }
  const trouble = { code, detail };
  if (told.is === 'release') {
    const { displaces, ...rest } = stay;
    // What is not this node's to release is told by that.
    return displaces === undefined
      ? { stay: stay.endedAt === undefined ? stay : null, trouble }
      : { stay: rest, trouble };
  }
  if (isRecorded(stay)) {
    return { stay };
  }
  const { endedAt } = stay;
  // The server had recorded it and heard of its end, both unknown here: an answer was lost, a plugin told it itself.
  if (endedAt !== undefined && code === 'ADDRESS_COOLING' && answer.attachment === attachmentName(stay)) {
    return { stay: null };
  }
  const isOver = endedAt !== undefined && !(resting.has(code) && Math.abs(now - endedAt) < patience);
  // An end that the server refuses to hear of is told; one that lives stays a conflict until it's resolved.
  return { stay: isOver ? null : { ...stay, refused: { code, detail, at: now } }, trouble };
}

/** Codes of an address that the server gives to nobody for a while: then it can still be told who had it. */
const resting = new Set(['ADDRESS_COOLING', 'ADDRESS_QUARANTINED']);

/** Milliseconds for which an end is tried again that the server didn't take for such a reason. */
const patience = 3_600_000;

/** Codes of answers that say nothing about the stay: the same item is sent again. */
const passing = new Set(['EPOCH_MISMATCH', 'EPOCH_PENDING', 'NODE_FENCED', 'NODE_UNKNOWN']);

function isPassing({ status, code }: ProblemAnswer): boolean {
  return status >= 500 || status === 429 || status === 401 || status === 408 || passing.has(code);
}
