import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { Decide, Each } from '../ledger/command.ts';
import type { Decision } from '../ledger/decision.ts';
import { changesOf } from '../ledger/events/changes.ts';
import { byServer, type Context, eventWriter, type WriteEvent } from '../ledger/events/event.ts';
import type { Ledger } from '../ledger/state/ledger.ts';
import { upkeep } from '../ledger/upkeep/upkeep.ts';
import { Attempt } from './attempt.ts';
import { CommitQueue } from './commit-queue.ts';
import { Loading, loadedAt } from './load.ts';
import type { EventQuery, Store, StoredEvent } from './store.ts';

/** The world outside, handed in: clock (milliseconds since 1970), ids, and who is told what happens. */
export interface Surroundings {
  readonly now: () => number;
  readonly id: () => string;
  readonly onCommit: (records: number, seconds: number) => void;
  /**
   * All events up to an id are durable. With it come the newest of them: not always all since the last time,
   * since after a failure the store alone knows what became durable.
   */
  readonly onEvents: (last: number, events: readonly StoredEvent[]) => void;
  readonly onStoreError: (error: unknown) => void;
}

/** What a store holds, where it is known without reading it. */
export interface Inherited {
  readonly ledger: Ledger;
  readonly lastEvent: number;
}

/** A ledger that is kept, and the way of its changes to the store. */
interface Held {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly queue: CommitQueue;
}

/** Milliseconds by which a clock may have been ahead that ledger time goes on from; one that was more is forgotten. */
const usualSkew = 60_000;

/** Milliseconds between two attempts to get a failed store back; a 503 says to come again after a second. */
const longestPause = 1_000;

/**
 * Keeps the ledger: commands are decided and applied at once, in memory, and answered once their records are
 * durable. When a commit fails, memory is forgotten and read anew from the store; until then every call ends
 * with STORE_UNAVAILABLE, and every change until the store has taken a write again.
 */
export class Keeper {
  readonly #surroundings: Surroundings;
  /** Null while another server leads. */
  #store: Store | null = null;
  /** Null while it is not known what the store holds. */
  #held: Held | null = null;
  #latest = 0;
  #lastEvent = 0;
  #trouble: string | null = 'the ledger is not loaded yet';
  #closed = false;

  /** A keeper without a ledger: every call is refused until it leads. */
  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Loads the ledger; @throws Problem STORE_* */
  static async start(store: Store, surroundings: Surroundings): Promise<Keeper> {
    const keeper = new Keeper(surroundings);
    await keeper.lead(store, null);
    return keeper;
  }

  /**
   * Begins to keep the ledger of a store.
   *
   * @param inherited what is in the store, where it is known already
   * @throws Problem STORE_*
   */
  async lead(store: Store, inherited: Inherited | null): Promise<void> {
    this.#store = store;
    if (inherited === null) {
      await this.#load(store);
    } else {
      await this.#goOnFrom(store, inherited.lastEvent);
      // The clock of who wrote it may have been ahead of this machine's.
      this.#hold(store, { ...inherited, ledger: loadedAt(inherited.ledger, this.#now()) });
    }
    this.#trouble = null;
  }

  /** Forgets the ledger, since another server may write it from now on. */
  follow(why: string): void {
    this.#store = null;
    this.#held = null;
    this.#trouble = why;
  }

  /** Why changes, or all calls, are refused at the moment; null when none are. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /**
   * Decides a command on the present state and answers when what it wrote, and the events that tell of it, are
   * durable.
   *
   * @param context who asks for it, for the events
   * @throws Problem
   */
  apply<Answer>(decide: Decide<Answer>, context: Context): Promise<Answer> {
    return this.applyEach((each) => each(decide), context);
  }

  /**
   * Several commands in one step and one commit: each is decided on what those before it left. One that throws
   * has changed nothing, and the work may go on with the next.
   *
   * @param work has no await in it: what it does with `each` stays together
   * @throws what `work` throws; Problem STORE_UNAVAILABLE, also from `each`, and then nothing was changed
   */
  async applyEach<Answer>(work: (each: Each) => Answer, context: Context): Promise<Answer> {
    const { store, ledger, queue } = this.#present();
    const write = eventWriter(context);
    let durable: Promise<void> | null = null;
    const answer = work((decide) => {
      const now = this.#now();
      this.#keepUp(ledger, queue, now);
      const decision = decide(ledger, { now, id: this.#surroundings.id() });
      if (decision.writes.length === 0) {
        return decision.answer;
      }
      if (this.#trouble !== null) {
        throw new Problem('STORE_UNAVAILABLE', this.#trouble);
      }
      durable = this.#take(ledger, queue, decision, now, write);
      this.#keepUp(ledger, queue, now);
      return decision.answer;
    });
    // An answer without writes may tell of what is not durable yet: it waits as a read does.
    await this.#durable(store, queue, durable ?? queue.settled());
    return answer;
  }

  /**
   * Several edits of objects in one step and one commit, all or none: each is decided on what those before it
   * left, and where `work` throws or does not want them kept, no record and no event tells of any.
   *
   * @param work has no await in it; from what `each` throws it may go on
   * @throws what `work` throws; Problem STORE_UNAVAILABLE
   */
  async applyAll<Answer>(
    work: (each: Each) => { readonly answer: Answer; readonly isKept: boolean },
    context: Context,
  ): Promise<Answer> {
    const { store, ledger, queue } = this.#present();
    const now = this.#now();
    this.#keepUp(ledger, queue, now);
    const attempt = new Attempt(ledger);
    let isKept = false;
    let answer: Answer;
    try {
      const done = work((decide) => attempt.take(decide(ledger, { now, id: this.#surroundings.id() }), now));
      if (done.isKept && attempt.writes.length > 0 && this.#trouble !== null) {
        throw new Problem('STORE_UNAVAILABLE', this.#trouble);
      }
      ({ answer, isKept } = done);
    } finally {
      if (!isKept) {
        attempt.undo();
      }
    }
    let durable = queue.settled();
    if (isKept && attempt.writes.length > 0) {
      const write = eventWriter(context);
      const events = attempt.changes.map((change) => write(++this.#lastEvent, now, change));
      durable = queue.add(attempt.writes, events);
      this.#keepUp(ledger, queue, now);
    }
    await this.#durable(store, queue, durable);
    return answer;
  }

  /** Looks at the present state and answers when all of it is durable; @throws Problem */
  async read<Answer>(look: (ledger: Ledger, now: number) => Answer): Promise<Answer> {
    const { store, ledger, queue } = this.#present();
    const now = this.#now();
    this.#keepUp(ledger, queue, now);
    const answer = look(ledger, now);
    await this.#durable(store, queue, queue.settled());
    return answer;
  }

  /** The present state as it is in memory, durable or not; for metrics. Null while there is none. */
  peek<Answer>(look: (ledger: Ledger, now: number) => Answer): Answer | null {
    return this.#held && look(this.#held.ledger, this.#now());
  }

  /** Durable events, in the order of their ids; @throws Problem STORE_UNAVAILABLE, NOT_LEADING */
  async events(query: EventQuery): Promise<readonly StoredEvent[]> {
    const { store } = this.#present();
    const found = await store.events(query);
    checkCurrent(store);
    return found;
  }

  /**
   * Says whether the events after an id are all there: older ones are forgotten in time, and an id that was
   * never given is of another ledger.
   *
   * @throws Problem STORE_UNAVAILABLE, NOT_LEADING
   */
  async hasEventsAfter(id: number): Promise<boolean> {
    const { store } = this.#present();
    const last = this.#lastEvent;
    const oldest = await store.oldestEvent();
    checkCurrent(store);
    return id <= last && oldest <= id + 1;
  }

  /** Forgets the events before a time, in milliseconds since 1970; @throws Problem STORE_UNAVAILABLE */
  forgetEvents(before: number): Promise<void> {
    return this.#present().store.forgetEvents(before);
  }

  /** Takes in what has come due, for those who watch while nobody calls. */
  keepUp(): Promise<void> {
    return this.read(() => undefined);
  }

  /** How many records wait for the store or are on their way to it. */
  get queued(): number {
    return this.#held?.queue.size ?? 0;
  }

  /** By how many milliseconds the machine's clock is behind the ledger's, which never goes back. */
  get clockBehind(): number {
    return Math.max(0, this.#latest - this.#surroundings.now());
  }

  /** What the path of a copy to be sent begins with; null where the store makes none. */
  get copyStem(): string | null {
    return this.#present().store.copyStem;
  }

  /** Makes a copy of the whole store while calls go on; @throws Problem BACKUP_* */
  backup(to: string): Promise<void> {
    return this.#present().store.backup(to);
  }

  /** Waits for what is on its way and closes the store. */
  async close(): Promise<void> {
    this.#closed = true;
    try {
      await this.#held?.queue.settled();
    } finally {
      await this.#store?.close();
    }
  }

  /** Takes a decision in, with the events that tell of it; the promise says when they are durable. */
  #take(
    ledger: Ledger,
    queue: CommitQueue,
    decision: Decision<unknown>,
    now: number,
    write: WriteEvent,
  ): Promise<void> {
    const events = changesOf(ledger, decision, now).map((change) => write(++this.#lastEvent, now, change));
    for (const each of decision.writes) {
      ledger.apply(each);
    }
    return queue.add(decision.writes, events);
  }

  /** What the ledger does by itself joins the batch of the call that comes upon it. */
  #keepUp(ledger: Ledger, queue: CommitQueue, now: number): void {
    if (this.#trouble !== null) {
      return;
    }
    for (let due = upkeep(ledger, now); due !== null; due = upkeep(ledger, now)) {
      // A failed commit is told to the call, which waits for all that its answer is built on.
      this.#take(ledger, queue, due, now, eventWriter(byServer)).catch(() => {});
    }
  }

  #present(): Held {
    if (this.#held === null) {
      const code = this.#store === null ? 'NOT_LEADING' : 'STORE_UNAVAILABLE';
      throw new Problem(code, this.#trouble ?? 'the ledger is not loaded');
    }
    return this.#held;
  }

  /** Time as the ledger knows it never goes back, or what was released first would not come first. */
  #now(): number {
    this.#latest = Math.max(this.#latest, this.#surroundings.now());
    return this.#latest;
  }

  /** Waits for all that an answer is built on; @throws Problem STORE_UNAVAILABLE, NOT_LEADING */
  async #durable(store: Store, queue: CommitQueue, durable: Promise<void> | null): Promise<void> {
    try {
      await durable;
    } catch (error) {
      this.#forget(store, queue, error);
      if (error instanceof Problem && error.code === 'NOT_LEADING') {
        throw error;
      }
      throw new Problem(
        'STORE_UNAVAILABLE',
        `the store did not take the change: ${reasonOf(error)}`,
        {},
        error,
      );
    }
    checkCurrent(store);
  }

  #forget(store: Store, queue: CommitQueue, error: unknown): void {
    if (queue !== this.#held?.queue) {
      return;
    }
    this.#surroundings.onStoreError(error);
    this.#held = null;
    this.#trouble = `the store failed (${reasonOf(error)}); its records are being read again`;
    void this.#recover(store, 100);
  }

  async #recover(store: Store, pause: number): Promise<void> {
    try {
      const held = this.#held?.store === store && store.isOnlyRead ? this.#held : null;
      await this.#prove(store, held === null ? await this.#load(store) : held.ledger);
      this.#trouble = null;
    } catch (error) {
      if (store !== this.#store) {
        return;
      }
      this.#surroundings.onStoreError(error);
      this.#trouble = `the store fails: ${reasonOf(error)}`;
      if (!this.#closed) {
        setTimeout(() => void this.#recover(store, Math.min(pause * 2, longestPause)), pause).unref();
      }
    }
  }

  #newQueue(store: Store): CommitQueue {
    const { onCommit, onEvents } = this.#surroundings;
    return new CommitQueue(store, (records, seconds, events) => {
      onCommit(records, seconds);
      const last = events.at(-1);
      if (last !== undefined) {
        onEvents(last.id, events);
      }
    });
  }

  /** A full disk is read without fault: only a write shows that there is room again. */
  async #prove(store: Store, ledger: Ledger): Promise<void> {
    // A new value: where a record is as it was, SQLite writes nothing, and a disk that fails would pass for a good one.
    const record = { value: ledger.sequence + 1 };
    await store.commit([{ records: new Map([['meta/sequence', JSON.stringify(record)]]), events: [] }]);
    ledger.apply({ kind: 'meta', name: 'sequence', record });
  }

  async #load(store: Store): Promise<Ledger> {
    const loading = new Loading();
    const { lastEvent } = await store.load((part) => loading.take(part));
    await this.#goOnFrom(store, lastEvent);
    const ledger = loading.finish(this.#now());
    if (store !== this.#store) {
      throw new Problem('NOT_LEADING', 'another server leads by now');
    }
    this.#hold(store, { ledger, lastEvent });
    return ledger;
  }

  /** Another server's clock was ahead by a little: events are told in the order of their times all the same. */
  async #goOnFrom(store: Store, lastEvent: number): Promise<void> {
    const [last] = lastEvent === 0 ? [] : await store.events({ after: lastEvent - 1, limit: 1 });
    if (last !== undefined && last.time <= this.#surroundings.now() + usualSkew) {
      this.#latest = Math.max(this.#latest, last.time);
    }
  }

  #hold(store: Store, { ledger, lastEvent }: Inherited): void {
    this.#held = { store, ledger, queue: this.#newQueue(store) };
    this.#lastEvent = lastEvent;
    this.#surroundings.onEvents(lastEvent, []);
  }
}

function checkCurrent(store: Store): void {
  if (!store.isCurrent) {
    throw new Problem('NOT_LEADING', 'another server may have changed what this answer was built on');
  }
}
