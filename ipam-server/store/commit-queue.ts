import { keyOf, type Write } from '../ledger/state/record.ts';
import { afterLiving } from './patience.ts';
import type { Commit, Store, StoredEvent } from './store.ts';

interface OpenBatch {
  readonly commits: Commit[];
  /** How many records they change, one that they change twice counted twice. */
  records: number;
  readonly durable: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

function openBatch(): OpenBatch {
  let resolve: () => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const durable = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Who waits has the rejection from here; a batch for which nobody waits must not end the process.
  durable.catch(() => {});
  return { commits: [], records: 0, durable, resolve, reject };
}

/** Told of each commit once it is durable: how many records, how many seconds, and its events. */
export type OnCommit = (records: number, seconds: number, events: readonly StoredEvent[]) => void;

/**
 * Group commit: while one batch is on its way to the disk, the next collects all that comes. After a failure
 * the queue stays closed, because what it held was decided on memory that the store does not know.
 */
export class CommitQueue {
  readonly #store: Store;
  readonly #onCommit: OnCommit;
  readonly #patience: number;
  #open: OpenBatch | null = null;
  #busy: OpenBatch | null = null;
  #failure: { readonly reason: unknown } | null = null;

  /** @param patience milliseconds after which a commit without an answer counts as failed */
  constructor(store: Store, onCommit: OnCommit, patience = 8_000) {
    this.#store = store;
    this.#onCommit = onCommit;
    this.#patience = patience;
  }

  /** How many records wait for the store or are on their way to it. */
  get size(): number {
    return (this.#open?.records ?? 0) + (this.#busy?.records ?? 0);
  }

  /** Adds changes and the events that tell of them; the promise says when they are durable. */
  add(writes: readonly Write[], events: readonly StoredEvent[]): Promise<void> {
    if (this.#failure !== null) {
      return Promise.reject(this.#failure.reason);
    }
    if (this.#open === null) {
      this.#open = openBatch();
      if (this.#busy === null) {
        // After all input that is at hand, so that the first of a burst does not travel alone.
        setImmediate(() => this.#flush());
      }
    }
    const records = new Map(
      writes.map((write) => [keyOf(write), write.record && JSON.stringify(write.record)]),
    );
    this.#open.commits.push({ records, events });
    this.#open.records += records.size;
    return this.#open.durable;
  }

  /** Resolves when all that was added so far is durable; what a read saw may be told then. */
  settled(): Promise<void> | null {
    if (this.#failure !== null) {
      return Promise.reject(this.#failure.reason);
    }
    return this.#open?.durable ?? this.#busy?.durable ?? null;
  }

  #flush(): void {
    const batch = this.#open;
    if (batch === null || this.#busy !== null) {
      return;
    }
    this.#open = null;
    this.#busy = batch;
    const start = performance.now();
    const inTime = afterLiving(this.#patience, () => {
      this.#fail(batch, new Error(`the store has not answered for ${this.#patience / 1000} s`));
    });
    this.#store.commit(batch.commits).then(
      () => {
        inTime();
        if (this.#failure === null) {
          const seconds = (performance.now() - start) / 1000;
          this.#onCommit(
            batch.records,
            seconds,
            batch.commits.flatMap(({ events }) => events),
          );
          this.#busy = null;
          batch.resolve();
          this.#flush();
        }
      },
      (reason: unknown) => {
        inTime();
        this.#fail(batch, reason);
      },
    );
  }

  #fail(batch: OpenBatch, reason: unknown): void {
    this.#failure ??= { reason };
    batch.reject(reason);
    this.#open?.reject(reason);
  }
}
