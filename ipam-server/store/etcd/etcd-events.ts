import type { EventQuery, StoredEvent } from '../store.ts';
import type { EtcdConnection } from './connection.ts';
import { bucketOf, buckets, chunksOf, eventsOf, maxSpan, textOf } from './events.ts';
import { afterAll, type Layout, numberIn } from './layout.ts';
import type { KeyValue, Operation, RangeRequest, RangeResponse, TransactionResponse } from './messages.ts';
import { type Posting, Postings, postingsOf } from './postings.ts';

/** Events whose postings are written together; those of younger ones are in memory. */
const segmentSize = 4_096;

/** Does operations in one transaction, guarded. */
type Write = (operations: readonly Operation[]) => Promise<void>;

/** Does something when nothing else is being written. */
type InTurn = (work: () => Promise<void>) => Promise<void>;

/** Keys read at once, and operations of one transaction. */
const page = 100;

/** Keys read at once where many are wanted: with each answer etcd counts all that follow. */
const many = 2_000;

/** The events of a ledger in etcd: found by id and by address, forgotten at the beginning. */
export class EtcdEvents {
  readonly #connection: EtcdConnection;
  readonly #layout: Layout;
  readonly #revision: string | null;
  #young = new Postings();
  /** Of a segment, while they are being written. */
  #closing: Postings | null = null;

  /** @param revision as of which events are read; null: as they are */
  constructor(connection: EtcdConnection, layout: Layout, revision: string | null = null) {
    this.#connection = connection;
    this.#layout = layout;
    this.#revision = revision;
  }

  /** Reads which events have no postings yet; before anything else. */
  async load(): Promise<void> {
    const { segments } = this.#layout;
    const range = await this.#range({ key: segments, range_end: afterAll(segments) });
    const posted = Math.max(0, ...range.kvs.map(({ value }) => Number(value)));
    this.#young = new Postings();
    this.#closing = null;
    for await (const { first, events } of this.#chunksFrom(posted + 1, many)) {
      this.#young.add(
        first,
        events.filter(({ id }) => id > posted),
      );
    }
  }

  /** What a transaction has to do for events, which `added` takes in once it is done. */
  operations(events: readonly StoredEvent[]): Operation[] {
    return chunksOf(events).map((chunk) => ({
      request_put: { key: this.#layout.eventsFrom(chunk[0]?.id ?? 0), value: textOf(chunk) },
    }));
  }

  added(events: readonly StoredEvent[]): void {
    for (const chunk of chunksOf(events)) {
      this.#young.add(chunk[0]?.id ?? 0, chunk);
    }
  }

  async find({ after, limit, address }: EventQuery): Promise<StoredEvent[]> {
    if (address !== undefined) {
      return this.#ofAddress(address, after, limit);
    }
    const found: StoredEvent[] = [];
    for await (const { events } of this.#chunksFrom(after + 1, Math.min(limit, many))) {
      found.push(...events.filter(({ id }) => id > after));
      if (found.length >= limit) {
        break;
      }
    }
    return found.slice(0, limit);
  }

  /** 0 when there was none ever. */
  async oldest(): Promise<number> {
    const { events } = this.#layout;
    const { kvs } = await this.#range({ key: events, range_end: afterAll(events), limit: 1 });
    return kvs[0] === undefined ? 0 : (eventsOf(kvs[0])[0]?.id ?? 0);
  }

  /**
   * Writes the postings of a segment if there are events enough for one; in small transactions, so that commits come
   * between. Until they are written they are in memory.
   */
  async post(inTurn: InTurn, write: Write): Promise<void> {
    const segment = this.#young;
    if (this.#closing !== null || segment.events < segmentSize) {
      return;
    }
    this.#closing = segment;
    this.#young = new Postings();
    const { last } = segment;
    const puts = Array.from(
      segment.texts(),
      ([bucket, value]): Operation => ({ request_put: { key: this.#layout.posting(bucket, last), value } }),
    );
    const steps = Array.from({ length: Math.ceil(puts.length / page) }, (_, i) =>
      puts.slice(i * page, (i + 1) * page),
    );
    steps.push([{ request_put: { key: this.#layout.segment(last), value: String(last) } }]);
    for (const step of steps) {
      await inTurn(async () => {
        // After a load they belong to another segment.
        if (this.#closing === segment) {
          await write(step);
        }
      });
    }
    if (this.#closing === segment) {
      this.#closing = null;
    }
  }

  /** Gives up postings that are being written; the next leader writes them. */
  stop(): void {
    this.#closing = null;
  }

  /** Forgets the events before a time, the newest excepted; in small transactions, so that commits come between. */
  async forget(before: number, write: Write): Promise<void> {
    for (;;) {
      const { kvs, more } = await this.#page(0);
      const boundary = boundaryOf(kvs, before, more);
      if (boundary === null) {
        break;
      }
      const { kv, kept } = boundary;
      const rest: Operation =
        kept.length === 0
          ? { request_delete_range: { key: kv.key } }
          : { request_put: { key: kv.key, value: textOf(kept) } };
      await write([{ request_delete_range: { key: this.#layout.events, range_end: kv.key } }, rest]);
      if (kept.length > 0) {
        break;
      }
    }
    await this.#forgetPostings(await this.oldest(), write);
  }

  async #forgetPostings(oldest: number, write: Write): Promise<void> {
    const { segments, segment } = this.#layout;
    const old = await this.#range({ key: segments, range_end: segment(oldest), keys_only: true });
    if (old.kvs.length === 0) {
      return;
    }
    const ends = Array.from({ length: buckets }, (_, bucket): Operation => {
      const key = this.#layout.postings(bucket);
      return { request_delete_range: { key, range_end: this.#layout.posting(bucket, oldest) } };
    });
    for (let i = 0; i < ends.length; i += page) {
      await write(ends.slice(i, i + page));
    }
    await write([{ request_delete_range: { key: segments, range_end: segment(oldest) } }]);
  }

  async #ofAddress(address: string, after: number, limit: number): Promise<StoredEvent[]> {
    const bucket = this.#layout.postings(bucketOf(address));
    // Before it is read what is written: what is written meanwhile is in both.
    const recent = [...(this.#closing?.of(address) ?? []), ...this.#young.of(address)];
    const range = await this.#range({ key: bucket, range_end: afterAll(bucket) });
    const old = range.kvs.flatMap((kv) => postingsOf(kv).get(address) ?? []);
    // Postings of a segment that a dead leader had not finished are there twice.
    const all = new Map([...old, ...recent]);
    // A segment of which the first events are forgotten still tells of them.
    const from = Math.max(after + 1, await this.oldest());
    const wanted = [...all].filter(([id]) => id >= from).slice(0, limit);
    return this.#read(wanted);
  }

  async #read(postings: readonly Posting[]): Promise<StoredEvent[]> {
    const ids = new Set(postings.map(([id]) => id));
    const chunks = [...new Set(postings.map(([, chunk]) => chunk))];
    const found: StoredEvent[] = [];
    for (let i = 0; i < chunks.length; i += page) {
      const ranges = chunks
        .slice(i, i + page)
        .map((chunk) => ({ request_range: { key: this.#layout.eventsFrom(chunk) } }));
      const { responses } = await this.#connection.call<TransactionResponse>('KV', 'Txn', {
        success: ranges,
      });
      const values = responses.flatMap(({ response_range }) => response_range?.kvs ?? []);
      found.push(...values.flatMap(eventsOf).filter(({ id }) => ids.has(id)));
    }
    return found;
  }

  /** The chunks that hold an id and those after it, the first perhaps with ids before it. */
  async *#chunksFrom(id: number, atOnce: number): AsyncGenerator<{ first: number; events: StoredEvent[] }> {
    let next = Math.max(0, id - maxSpan + 1);
    for (;;) {
      const { kvs, more } = await this.#page(next, Math.max(page, atOnce));
      for (const kv of kvs) {
        const first = numberIn(kv.key);
        yield { first, events: eventsOf(kv) };
        next = first + 1;
      }
      if (!more) {
        return;
      }
    }
  }

  #page(from: number, limit = page): Promise<RangeResponse> {
    const { events, eventsFrom } = this.#layout;
    return this.#range({ key: eventsFrom(from), range_end: afterAll(events), limit });
  }

  #range(request: RangeRequest): Promise<RangeResponse> {
    const revision = this.#revision;
    return this.#connection.call('KV', 'Range', { ...request, ...(revision !== null && { revision }) });
  }
}

/**
 * The last chunk with an event before a time, and what stays of it; null when there is none to forget.
 *
 * @param more whether there are chunks after these: the last event of all stays
 */
function boundaryOf(
  kvs: readonly KeyValue[],
  before: number,
  more: boolean,
): { readonly kv: KeyValue; readonly kept: StoredEvent[] } | null {
  for (const [i, kv] of [...kvs.entries()].reverse()) {
    const events = eventsOf(kv);
    const isLast = !more && i === kvs.length - 1;
    const forgettable = isLast ? events.slice(0, -1) : events;
    const end = forgettable.findLastIndex(({ time }) => time < before);
    if (end >= 0) {
      return { kv, kept: events.slice(end + 1) };
    }
  }
  return null;
}
