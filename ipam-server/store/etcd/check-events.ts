import { Problem } from '../../../core/problem/problem.ts';
import type { StoredEvent } from '../store.ts';
import type { EtcdConnection } from './connection.ts';
import { buckets, eventsOf } from './events.ts';
import { parseHead } from './head.ts';
import { afterAll, type Layout, numberIn } from './layout.ts';
import type { KeyValue, RangeResponse, TransactionResponse } from './messages.ts';
import { type Posting, Postings, postingsOf } from './postings.ts';

/** Keys asked for in one transaction, and keys read at once. */
const [page, many] = [100, 2_000];

/** A value that tells of no address. */
const none = '[]';

/**
 * Sees that events stand under their ids and follow each other, that the ledger's counter knows the last one, and
 * that what finds them by address tells of each of them.
 *
 * @throws Problem STORE_DAMAGED, naming the key
 */
export async function checkEvents(connection: EtcdConnection, layout: Layout): Promise<void> {
  const [head] = (await connection.call<RangeResponse>('KV', 'Range', { key: layout.head })).kvs;
  const segments = await keysOf(connection, layout.segments);
  const ends = segments.map(({ key }) => numberIn(key));
  let open = new Postings();
  let oldest: number | null = null;
  let last = 0;
  for await (const { kv, events } of chunks(connection, layout)) {
    last = checkChunk(kv, events, last);
    oldest ??= events[0]?.id ?? null;
    // A segment ends with a chunk, or within one that was begun in it.
    for (let rest = events; rest.length > 0; ) {
      const end = ends[0] ?? Number.POSITIVE_INFINITY;
      const of = rest.filter(({ id }) => id <= end);
      open.add(numberIn(kv.key), of);
      rest = rest.slice(of.length);
      if (rest.length > 0 || last === end) {
        await checkSegment(connection, layout, end, open, oldest ?? 0);
        open = new Postings();
        ends.shift();
      }
    }
  }
  const counted = parseHead(head?.value, layout.head)?.lastEvent ?? 0;
  if (last !== counted) {
    throw new Problem(
      'STORE_DAMAGED',
      `etcd: ${layout.head} has counted to event ${counted}, the last is ${last}`,
    );
  }
}

/** @returns the id of the last event */
function checkChunk({ key }: KeyValue, events: readonly StoredEvent[], before: number): number {
  let last = before;
  if (events.length === 0 || (events[0]?.id ?? 0) < numberIn(key)) {
    throw new Problem('STORE_DAMAGED', `etcd: ${key} holds no events, or others`);
  }
  for (const { id } of events) {
    if (id <= last) {
      throw new Problem('STORE_DAMAGED', `etcd: ${key} holds event ${id} after event ${last}`);
    }
    last = id;
  }
  return last;
}

async function checkSegment(
  connection: EtcdConnection,
  layout: Layout,
  end: number,
  expected: Postings,
  oldest: number,
): Promise<void> {
  const wanted = expected.texts();
  const keys = Array.from({ length: buckets }, (_, bucket) => layout.posting(bucket, end));
  for (let from = 0; from < keys.length; from += page) {
    const asked = keys.slice(from, from + page);
    const success = asked.map((key) => ({ request_range: { key } }));
    const { responses } = await connection.call<TransactionResponse>('KV', 'Txn', { success });
    for (const [i, key] of asked.entries()) {
      const value = responses[i]?.response_range?.kvs[0]?.value ?? none;
      const found = present(postingsOf({ key, value }), oldest);
      if (found !== present(postingsOf({ key, value: wanted.get(from + i) ?? none }), oldest)) {
        throw new Problem('STORE_DAMAGED', `etcd: ${key} does not tell of the events of its addresses`);
      }
    }
  }
}

/** Those of events that are not forgotten, as a text to compare. */
function present(all: ReadonlyMap<string, readonly Posting[]>, oldest: number): string {
  const kept = Array.from(all, ([address, postings]) => ({
    address,
    postings: postings.filter(([id]) => id >= oldest),
  })).filter(({ postings }) => postings.length > 0);
  return JSON.stringify(kept.sort((a, b) => (a.address < b.address ? -1 : 1)));
}

async function* chunks(
  connection: EtcdConnection,
  { events }: Layout,
): AsyncGenerator<{ readonly kv: KeyValue; readonly events: readonly StoredEvent[] }> {
  for (let key = events; ; ) {
    const range = { key, range_end: afterAll(events), limit: many };
    const { kvs, more } = await connection.call<RangeResponse>('KV', 'Range', range);
    for (const kv of kvs) {
      yield { kv, events: eventsOf(kv) };
      key = `${kv.key}\0`;
    }
    if (!more) {
      return;
    }
  }
}

async function keysOf(connection: EtcdConnection, key: string): Promise<readonly KeyValue[]> {
  const range = { key, range_end: afterAll(key) };
  return (await connection.call<RangeResponse>('KV', 'Range', range)).kvs;
}
