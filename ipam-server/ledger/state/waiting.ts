import type { Ip } from '../../../core/address/ip.ts';
import type { ConflictRecord, ReleasedRecord } from './record.ts';

/** An address that waits for its next owner, in its queue; linked, so that any one leaves it in constant time. */
export interface Waiting<Record> {
  readonly ip: Ip;
  readonly record: Record;
  before: Waiting<Record> | null;
  after: Waiting<Record> | null;
}

/** A released address. */
export type Released = Waiting<ReleasedRecord>;

/** An address that somebody else was seen to use. */
export type Contested = Waiting<ConflictRecord>;

export function waiting<Record>(ip: Ip, record: Record): Waiting<Record> {
  return { ip, record, before: null, after: null };
}

/** Addresses of a range that wait, the first that came first. */
export class WaitingQueue<Record extends { readonly at: number; readonly sequence: number }> {
  #first: Waiting<Record> | null = null;
  #last: Waiting<Record> | null = null;
  #size = 0;

  get first(): Waiting<Record> | null {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds one at its place: at the end, unless something kept it out of the queue meanwhile. */
  add(entry: Waiting<Record>): void {
    let before = this.#last;
    while (before !== null && before.record.sequence > entry.record.sequence) {
      before = before.before;
    }
    const after = before === null ? this.#first : before.after;
    entry.before = before;
    entry.after = after;
    if (before === null) {
      this.#first = entry;
    } else {
      before.after = entry;
    }
    if (after === null) {
      this.#last = entry;
    } else {
      after.before = entry;
    }
    this.#size++;
  }

  /** Takes out an entry that is in this queue. */
  remove(entry: Waiting<Record>): void {
    if (entry.before === null) {
      this.#first = entry.after;
    } else {
      entry.before.after = entry.after;
    }
    if (entry.after === null) {
      this.#last = entry.before;
    } else {
      entry.after.before = entry.before;
    }
    entry.before = null;
    entry.after = null;
    this.#size--;
  }

  /** The first, if it has waited so many milliseconds. */
  waitedFor(milliseconds: number, now: number): Waiting<Record> | null {
    return this.#first !== null && this.#first.record.at + milliseconds <= now ? this.#first : null;
  }

  /** How many came after a time; looks only at those. */
  countSince(time: number): number {
    let count = 0;
    for (let entry = this.#last; entry !== null && entry.record.at > time; entry = entry.before) {
      count++;
    }
    return count;
  }
}
