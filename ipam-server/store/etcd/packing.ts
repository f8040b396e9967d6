import { Problem } from '../../../core/problem/problem.ts';
import type { Commit, StoredEvent } from '../store.ts';
import { chunksOf } from './events.ts';
import type { Operation } from './messages.ts';

/** What one transaction does to the ledger; each key once. */
export interface Pack {
  readonly records: Map<string, string | null>;
  readonly events: StoredEvent[];
}

/** A commit that fits no transaction. */
export interface LargeCommit {
  readonly large: Commit;
}

/** Operations of a transaction: etcd takes 128, and the head, or a piece that is done, is one of them. */
export const maxOperations = 120;

/** Octets of a transaction's records and events; etcd takes 1.5 MiB, and events are texts within JSON, which doubles them at most. */
const maxOctets = 700_000;

/** Octets of a piece as it is written down: JSON of operations, itself the value of one. */
const maxPieceOctets = 1_000_000;

/** The one record that every decision writes; its last value counts. */
const counter = 'meta/sequence';

/**
 * Commits as transactions: as many of them in one as fit, in their order, none divided. Where two change the same
 * record they are in two transactions, so that who follows the changes one by one sees each.
 */
export function pack(commits: readonly Commit[]): (Pack | LargeCommit)[] {
  const packed: (Pack | LargeCommit)[] = [];
  let open: Pack | null = null;
  let octets = 0;
  for (const commit of commits) {
    const size = octetsOf(commit);
    if (size > maxOctets || operationsOf(commit.records.size, commit.events) > maxOperations) {
      packed.push({ large: commit });
      open = null;
      continue;
    }
    if (open === null || octets + size > maxOctets || !hasRoom(open, commit)) {
      open = { records: new Map(), events: [] };
      octets = 0;
      packed.push(open);
    }
    for (const [key, value] of commit.records) {
      open.records.set(key, value);
    }
    open.events.push(...commit.events);
    octets += size;
  }
  return packed.filter((each) => 'large' in each || each.records.size + each.events.length > 0);
}

function operationsOf(records: number, events: readonly StoredEvent[]): number {
  return records + chunksOf(events).length;
}

function hasRoom(open: Pack, { records, events }: Commit): boolean {
  let more = 0;
  for (const key of records.keys()) {
    if (!open.records.has(key)) {
      more++;
    } else if (key !== counter) {
      return false;
    }
  }
  // Chunks by themselves are never fewer than together.
  const chunks = chunksOf(open.events).length + chunksOf(events).length;
  return open.records.size + more + chunks <= maxOperations;
}

/**
 * The operations of a large commit as pieces, each of which fits a transaction, also as the text it is written down in.
 *
 * @throws Problem STORE_UNAVAILABLE when one operation by itself doesn't
 */
export function piecesOf(operations: readonly Operation[]): Operation[][] {
  const pieces: Operation[][] = [];
  let octets = Number.POSITIVE_INFINITY;
  for (const operation of operations) {
    const size = Buffer.byteLength(JSON.stringify(operation)) + 1;
    if (size > maxPieceOctets) {
      throw new Problem('STORE_UNAVAILABLE', `etcd takes no value of ${size} octets`);
    }
    const last = pieces.at(-1);
    if (last !== undefined && last.length < maxOperations && octets + size <= maxPieceOctets) {
      last.push(operation);
      octets += size;
    } else {
      pieces.push([operation]);
      octets = size;
    }
  }
  return pieces;
}

function octetsOf({ records, events }: Commit): number {
  let sum = 0;
  for (const [key, value] of records) {
    sum += 40 + Buffer.byteLength(key) + (value === null ? 0 : Buffer.byteLength(value));
  }
  for (const { addresses, text } of events) {
    sum += 60 + 45 * addresses.length + Buffer.byteLength(text);
  }
  return sum;
}
