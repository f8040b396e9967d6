import { randomUUID } from 'node:crypto';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import { epochOf } from '../../ledger/nodes/epoch.ts';
import type { Ledger } from '../../ledger/state/ledger.ts';
import { decode, decodeEnd } from '../codec.ts';
import { Loading } from '../load.ts';
import type { EtcdConnection } from './connection.ts';
import type { ElectionDoors } from './election.ts';
import { type Head, noHead, parseHead } from './head.ts';
import type { History, Reached } from './history.ts';
import { LargeValues } from './large-values.ts';
import { currentKey, type Layout, layoutOf, leaderKey } from './layout.ts';
import type { RangeResponse, WatchEvent } from './messages.ts';
import { readRecords } from './records.ts';
import { PrefixWatch } from './watch.ts';

/** A ledger as it is in etcd, and what the next writer must know of it. */
export interface Warm {
  /** Which of the ledgers under the prefix. */
  readonly name: string;
  readonly ledger: Ledger;
  readonly large: LargeValues;
  /** The transaction up to which it is known. */
  readonly lastTransaction: string;
}

/** Milliseconds before a load that failed is tried again. */
const pause = 1_000;

/** Follows what another server writes, so that its ledger is at hand when that one is gone. */
export class Follower {
  readonly #connection: EtcdConnection;
  readonly #prefix: string;
  readonly #doors: ElectionDoors;
  readonly #history: History;
  #warm: Omit<Warm, 'lastTransaction'> | null = null;
  /** Of the last transaction that was taken in. */
  #head = noHead;
  #layout: Layout | null = null;
  #revision = 0n;
  #watch: PrefixWatch | null = null;
  #isOver = false;
  #isReading = false;
  /** Who waits for a revision to be taken in. */
  #waiting: { readonly revision: bigint; readonly seen: () => void }[] = [];

  constructor(connection: EtcdConnection, prefix: string, doors: ElectionDoors, history: History) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#doors = doors;
    this.#history = history;
    void this.#load();
  }

  /** Reports whether a whole ledger is being read, which may take longer than a lease lasts. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** Reports whether a ledger was read and is followed, or there is none yet. */
  get isWarm(): boolean {
    return this.#watch !== null;
  }

  /**
   * The ledger with all that was written up to a revision, its times as they were written.
   *
   * @param patience milliseconds
   * @returns null when it isn't there in time
   */
  async at(revision: string, patience: number): Promise<Warm | null> {
    const wanted = BigInt(revision);
    if (this.#revision < wanted) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise<void>((seen) => this.#waiting.push({ revision: wanted, seen })),
        new Promise<void>((late) => {
          timer = setTimeout(late, patience);
        }),
      ]);
      clearTimeout(timer);
    }
    const warm = this.#revision >= wanted ? this.#warm : null;
    return warm && { ...warm, lastTransaction: this.#head.id };
  }

  stop(): void {
    this.#isOver = true;
    this.#watch?.stop();
  }

  async #load(): Promise<void> {
    if (this.#isOver) {
      return;
    }
    this.#isReading = true;
    try {
      await this.#read();
    } catch (error) {
      if (!this.#isOver) {
        this.#doors.onError(error);
        setTimeout(() => void this.#load(), pause).unref();
      }
    } finally {
      this.#isReading = false;
    }
  }

  async #read(): Promise<void> {
    const before = this.#history.last;
    const current = await this.#connection.call<RangeResponse>('KV', 'Range', {
      key: currentKey(this.#prefix),
    });
    const name = current.kvs[0]?.value;
    let { revision } = current.header;
    if (name !== undefined) {
      const large = new LargeValues(randomUUID);
      const loading = new Loading();
      this.#layout = layoutOf(this.#prefix, name);
      // Not read where it is a newer server's.
      await this.#headOf(this.#layout);
      revision = await readRecords(this.#connection, this.#layout, (part) => {
        loading.take(large.wholeOf(part));
      });
      this.#head = await this.#headOf(this.#layout, revision);
      // Times as they were written: who takes it over judges them by his clock.
      this.#warm = { name, ledger: loading.finish(Number.POSITIVE_INFINITY), large };
      if (!this.#isOver) {
        this.#compare(before, this.#warm);
      }
    }
    const leader = await this.#connection.call<RangeResponse>('KV', 'Range', {
      key: leaderKey(this.#prefix),
      revision,
    });
    if (!this.#isOver) {
      this.#doors.onLook(leader.kvs[0]?.value ?? null);
      this.#reached(revision);
      this.#watch = new PrefixWatch(this.#connection, this.#prefix, revision, {
        take: (events, at) => this.#take(events, at),
        putBack: (reason) => {
          this.#history.found();
          this.#again(new Problem('STORE_PUT_BACK', reason));
        },
        lost: (reason) => this.#again(new Problem('STORE_UNAVAILABLE', reason)),
      });
    }
  }

  /** @param revision as of which; absent: as it is @throws Problem STORE_DAMAGED, STORE_TOO_NEW */
  async #headOf({ head }: Layout, revision = '0'): Promise<Head> {
    const { kvs } = await this.#connection.call<RangeResponse>('KV', 'Range', { key: head, revision });
    return parseHead(kvs[0]?.value, head) ?? noHead;
  }

  #take(events: readonly WatchEvent[], revision: string): void {
    try {
      for (const event of events) {
        this.#apply(event);
      }
      if (events.some(({ kv }) => kv.key === currentKey(this.#prefix))) {
        this.#reload();
      } else {
        if (this.#warm !== null) {
          this.#history.saw(this.#place(this.#warm));
        }
        this.#reached(revision);
      }
    } catch (error) {
      this.#again(
        new Problem('STORE_UNAVAILABLE', `what was followed does not fit: ${reasonOf(error)}`, {}, error),
      );
    }
  }

  #place({ name, ledger }: Pick<Warm, 'name' | 'ledger'>): Reached {
    const { count, id } = this.#head;
    return { ledger: name, count, id, epoch: epochOf(ledger) };
  }

  /** @param before what was seen before the ledger was read */
  #compare(before: Reached | null, warm: Pick<Warm, 'name' | 'ledger'>): void {
    const { isPutBack } = this.#history;
    const now = this.#place(warm);
    this.#history.compare(before, now);
    this.#history.saw(now);
    if (!isPutBack && this.#history.isPutBack) {
      const detail = `etcd was put back: transaction ${before?.count} was seen there, and now its last is ${now.count}`;
      this.#doors.onError(new Problem('STORE_PUT_BACK', detail));
    }
  }

  #apply({ type, kv }: WatchEvent): void {
    if (kv.key === leaderKey(this.#prefix)) {
      this.#doors.onLook(type === 0 ? kv.value : null);
    } else if (this.#layout === null || this.#warm === null) {
      return;
    } else if (kv.key === this.#layout.head) {
      this.#applyHead(parseHead(kv.value, kv.key) ?? noHead);
    } else if (kv.key.startsWith(this.#layout.records)) {
      const key = kv.key.slice(this.#layout.records.length);
      this.#applyRecord(this.#warm, key, type === 0 ? kv.value : null);
    }
  }

  /** Whatever the reason why one is missing: what was followed is not what is there. */
  #applyHead(head: Head): void {
    const { id, before } = head;
    if (before !== this.#head.id) {
      throw new Error(`transaction ${id} comes after ${before}, not after ${this.#head.id}`);
    }
    this.#head = head;
  }

  #applyRecord({ ledger, large }: Pick<Warm, 'ledger' | 'large'>, key: string, value: string | null): void {
    if (value === null) {
      if (!large.gone(key)) {
        ledger.apply(decodeEnd(key));
      }
      return;
    }
    const entry = large.whole([key, value]);
    if (entry !== null) {
      ledger.apply(decode(entry));
    }
  }

  #again(error: Problem): void {
    this.#doors.onError(error);
    this.#reload();
  }

  /** Something was missed, or another ledger has taken the place of this one. */
  #reload(): void {
    this.#watch?.stop();
    this.#watch = null;
    this.#warm = null;
    void this.#load();
  }

  #reached(revision: string): void {
    this.#revision = BigInt(revision);
    this.#waiting = this.#waiting.filter((each) => {
      if (each.revision > this.#revision) {
        return true;
      }
      each.seen();
      return false;
    });
  }
}
