import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import type { StoredEvent } from '../store.ts';
import { bucketOf } from './events.ts';
import type { KeyValue } from './messages.ts';

/** An event that tells of an address, and the first of its chunk, under which it is found. */
export type Posting = readonly [id: number, chunk: number];

/** Which events tell of which address, oldest first. */
export class Postings {
  readonly #byAddress = new Map<string, Posting[]>();
  #events = 0;
  #last = 0;

  /** How many events they are made from. */
  get events(): number {
    return this.#events;
  }

  /** The last of these events; 0 when there are none. */
  get last(): number {
    return this.#last;
  }

  /** @param first the id under which the chunk of these events is kept */
  add(first: number, events: readonly StoredEvent[]): void {
    for (const { id, addresses } of events) {
      this.#events++;
      this.#last = id;
      for (const address of new Set(addresses)) {
        this.#of(address).push([id, first]);
      }
    }
  }

  of(address: string): readonly Posting[] {
    return this.#byAddress.get(address) ?? [];
  }

  /** As the values of keys, by bucket. */
  texts(): Map<number, string> {
    const byBucket = new Map<number, [string, readonly Posting[]][]>();
    for (const entry of this.#byAddress) {
      const bucket = bucketOf(entry[0]);
      byBucket.set(bucket, [...(byBucket.get(bucket) ?? []), entry]);
    }
    return new Map(Array.from(byBucket, ([bucket, entries]) => [bucket, JSON.stringify(entries)]));
  }

  #of(address: string): Posting[] {
    const known = this.#byAddress.get(address);
    if (known !== undefined) {
      return known;
    }
    const made: Posting[] = [];
    this.#byAddress.set(address, made);
    return made;
  }
}

/** What the value of a bucket's key says, by address; @throws Problem STORE_DAMAGED, naming the key */
export function postingsOf({ key, value }: Pick<KeyValue, 'key' | 'value'>): Map<string, readonly Posting[]> {
  try {
    const entries: [string, Posting[]][] = JSON.parse(value);
    return new Map(entries);
  } catch (error) {
    throw new Problem('STORE_DAMAGED', `etcd: ${key} holds no postings: ${reasonOf(error)}`, {}, error);
  }
}
