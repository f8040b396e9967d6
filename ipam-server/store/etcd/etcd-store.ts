import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../../../core/problem/problem.ts';
import { sqliteWorker } from '../sqlite-thread.ts';
import type { Commit, EventQuery, Store, StoredEvent, TakePart } from '../store.ts';
import { checkEvents } from './check-events.ts';
import type { EtcdConnection } from './connection.ts';
import { Copies } from './copies.ts';
import type { Term } from './election.ts';
import { isFull } from './errors.ts';
import { EtcdEvents } from './etcd-events.ts';
import { type Head, noHead, parseHead } from './head.ts';
import { finishIntent, writeLarge } from './intent.ts';
import { LargeValues } from './large-values.ts';
import { type Layout, layoutOf } from './layout.ts';
import type { Operation, RangeResponse } from './messages.ts';
import { pack } from './packing.ts';
import { readRecords } from './records.ts';
import { Snapshot } from './snapshot.ts';
import { GuardedWriter } from './writer.ts';

/** The ledger in etcd, as its leader has it: made for a term, and of no use after it. */
export class EtcdStore implements Store {
  readonly name: string;
  readonly copyStem = join(tmpdir(), 'realip-ledger');
  readonly #connection: EtcdConnection;
  readonly #layout: Layout;
  readonly #term: Term;
  readonly #writer: GuardedWriter;
  readonly #events: EtcdEvents;
  readonly #copies: Copies;
  #large = new LargeValues(randomUUID);
  /** The last transaction of what was read while etcd took no write; null while it does. */
  #readAt: string | null = null;
  /** One thing is written at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param prefix what all keys begin with
   * @param ledger which of the ledgers under it
   * @param term the time as leader
   * @param worker the built sqlite-worker.js, for copies
   */
  constructor(
    name: string,
    connection: EtcdConnection,
    prefix: string,
    ledger: string,
    term: Term,
    worker = sqliteWorker,
  ) {
    this.name = name;
    this.#connection = connection;
    this.#layout = layoutOf(prefix, ledger);
    this.#term = term;
    this.#writer = new GuardedWriter(connection, prefix, this.#layout, term.revision);
    this.#events = new EtcdEvents(connection, this.#layout);
    this.#copies = new Copies(name, worker);
  }

  /** Reports whether nobody else can have written since. */
  get isCurrent(): boolean {
    return this.#term.isValid;
  }

  get isOnlyRead(): boolean {
    return this.#readAt !== null;
  }

  /**
   * Finishes what the last leader left unfinished. After it nothing of his comes any more.
   *
   * @returns the revision by which all of it is in the records
   * @throws Problem STORE_UNAVAILABLE, STORE_DAMAGED, NOT_LEADING
   */
  begin(): Promise<string> {
    return this.#inTurn(() => this.#begin());
  }

  /** The last transaction that is known to be made. */
  get made(): Head {
    return this.#writer.made;
  }

  /** The transaction by which it is in the records; of another history it has another name. */
  get lastTransaction(): string {
    return this.#writer.head.id;
  }

  /** Takes over records that were followed up to `begin`'s revision, in place of `load`. */
  adopt(large: LargeValues): { readonly lastEvent: number } {
    this.#large = large;
    return { lastEvent: this.#writer.lastEvent };
  }

  load(take: TakePart): Promise<{ readonly lastEvent: number }> {
    return this.#inTurn(async () => {
      this.#readAt = null;
      try {
        await this.#begin();
      } catch (error) {
        if (isRefusalOfFull(error)) {
          return this.#look(take, error);
        }
        throw error;
      }
      return this.adopt((await this.#records(take)).large);
    });
  }

  /** Reads it all without a write, and so without knowing that nothing that was sent before is still to come. */
  async #look(take: TakePart, refusal: Problem): Promise<{ readonly lastEvent: number }> {
    const { large, revision } = await this.#records(take);
    const { head, intent } = this.#layout;
    if ((await this.#find(intent, revision)).kvs.length > 0) {
      throw refusal;
    }
    const { id, lastEvent } = parseHead((await this.#find(head, revision)).kvs[0]?.value, head) ?? noHead;
    await this.#events.load();
    this.#large = large;
    this.#readAt = id;
    return { lastEvent };
  }

  /** All records, long texts put together; with the revision as of which. */
  async #records(take: TakePart): Promise<{ readonly large: LargeValues; readonly revision: string }> {
    const large = new LargeValues(randomUUID);
    const revision = await readRecords(this.#connection, this.#layout, (part) => take(large.wholeOf(part)));
    return { large, revision };
  }

  #find(key: string, revision = '0'): Promise<RangeResponse> {
    return this.#connection.call('KV', 'Range', { key, revision });
  }

  /** Writes again after all was only read. @throws Problem STORE_UNAVAILABLE when that is not what is there any more */
  async #resume(): Promise<void> {
    if (this.#readAt !== null) {
      await this.#whileLeading(() => this.#writer.settle());
      const isSame = this.#writer.head.before === this.#readAt;
      this.#readAt = null;
      if (!isSame) {
        throw new Problem('STORE_UNAVAILABLE', 'etcd: what was sent before it was full has come since');
      }
    }
  }

  async #begin(): Promise<string> {
    await this.#whileLeading(() => this.#writer.settle());
    await finishIntent(this.#connection, this.#layout, this.#write);
    await this.#events.load();
    return this.#writer.revision;
  }

  commit(commits: readonly Commit[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#resume();
      checkOrder(commits, this.#writer.lastEvent);
      for (const each of pack(commits.map((commit) => this.#large.divide(commit)))) {
        const { records, events } = 'large' in each ? each.large : each;
        const operations = this.#operations(records, events);
        const lastEvent = events.at(-1)?.id;
        if ('large' in each) {
          await writeLarge(operations, lastEvent, this.#layout, this.#write);
        } else {
          await this.#write(operations, lastEvent);
        }
        this.#events.added(events);
      }
      // Nobody waits for it; what fails there fails the next commit, too.
      this.#events.post((work) => this.#inTurn(work), this.#write).catch(() => {});
    });
  }

  async events(query: EventQuery): Promise<readonly StoredEvent[]> {
    return this.#events.find(query);
  }

  oldestEvent(): Promise<number> {
    return this.#events.oldest();
  }

  forgetEvents(before: number): Promise<void> {
    return this.#events.forget(before, (operations) => this.#inTurn(() => this.#write(operations)));
  }

  backup(to: string): Promise<void> {
    return this.#copies.make(to, async () => {
      // Between two commits, so that none is half in the copy.
      const revision = await this.#inTurn(() => this.#unwritten());
      return { snapshot: new Snapshot(this.#connection, this.#layout, revision), revision };
    });
  }

  /** The present revision. @throws Problem STORE_UNAVAILABLE while the last leader's or an own commit is half done */
  async #unwritten(): Promise<string> {
    const { header, kvs } = await this.#find(this.#layout.intent);
    if (kvs.length > 0) {
      throw new Problem('STORE_UNAVAILABLE', 'a large commit is not finished yet');
    }
    return header.revision;
  }

  async check(): Promise<void> {
    await checkEvents(this.#connection, this.#layout);
  }

  async close(): Promise<void> {
    await this.#copies.end();
    this.#events.stop();
    await this.#turn.catch(() => {});
  }

  readonly #write = (operations: readonly Operation[], lastEvent?: number): Promise<void> =>
    this.#whileLeading(() => this.#writer.write(operations, lastEvent));

  async #whileLeading(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (error instanceof Problem && error.code === 'NOT_LEADING') {
        // Also where its lease lives on, because somebody has removed the key alone.
        this.#term.forfeit(error.message);
      }
      throw error;
    }
  }

  #operations(records: Commit['records'], events: readonly StoredEvent[]): Operation[] {
    return [
      ...Array.from(
        records,
        ([key, value]): Operation =>
          value === null
            ? { request_delete_range: { key: this.#layout.record(key) } }
            : { request_put: { key: this.#layout.record(key), value } },
      ),
      ...this.#events.operations(events),
    ];
  }

  #inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const done = this.#turn.then(work, work);
    this.#turn = done;
    done.catch(() => {});
    return done;
  }
}

function isRefusalOfFull(error: unknown): error is Problem {
  return error instanceof Problem && error.cause instanceof Error && isFull(error.cause);
}

/** An id that was given before would take the place of its event. */
function checkOrder(commits: readonly Commit[], lastEvent: number): void {
  let last = lastEvent;
  for (const { id } of commits.flatMap(({ events }) => events)) {
    if (id <= last) {
      throw new Problem('STORE_UNAVAILABLE', `event ${id} comes after event ${last}`);
    }
    last = id;
  }
}
