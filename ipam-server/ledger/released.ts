import type { Ip } from '../../core/address/ip.ts';
import type { ReleasedRecord } from './record.ts';

/** A released address in its queue; linked, so that any one leaves it in constant time. */
export interface Released {
  readonly ip: Ip;
  readonly record: ReleasedRecord;
  before: Released | null;
  after: Released | null;
}

export function released(ip: Ip, record: ReleasedRecord): Released {
  return { ip, record, before: null, after: null };
}

/** The released addresses of a range, first released first. */
export class ReleasedQueue {
  #first: Released | null = null;
  #last: Released | null = null;
  #size = 0;

  get first(): Released | null {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds the one that was released last. */
  push(entry: Released): void {
    entry.before = this.#last;
    entry.after = null;
    if (this.#last === null) {
      this.#first = entry;
    } else {
      this.#last.after = entry;
    }
    this.#last = entry;
    this.#size++;
  }

  /** Takes out an entry that is in this queue. */
  remove(entry: Released): void {
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

  /** How many were released after a time; looks only at those. */
  countSince(time: number): number {
    let count = 0;
    for (let entry = this.#last; entry !== null && entry.record.at > time; entry = entry.before) {
      count++;
    }
    return count;
  }
}
