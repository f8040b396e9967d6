import { Fingerprint } from './fingerprint.ts';
import { movedTo } from './moved.ts';
import type { Commit, Entry, EventQuery, Store, StoredEvent, TakePart } from './store.ts';

/** Events read and written at once. */
const eventsAtOnce = 4_000;

/** What all of a ledger can be read from, as from a store. */
export interface LedgerSource {
  load(take: TakePart): Promise<unknown>;
  events(query: EventQuery): Promise<readonly StoredEvent[]>;
}

/** All events, in parts, in the order of their ids. */
export async function* eventsOf(source: LedgerSource): AsyncGenerator<readonly StoredEvent[]> {
  for (let after = 0; ; ) {
    const events = await source.events({ after, limit: eventsAtOnce });
    yield events;
    const last = events.at(-1);
    if (last === undefined || events.length < eventsAtOnce) {
      return;
    }
    after = last.id;
  }
}

/**
 * Writes every record and event into an empty store; never more than a part of them is in memory. That a ledger was
 * moved is not copied.
 *
 * @returns what was read
 * @throws Problem STORE_*
 */
export async function copyLedger(source: LedgerSource, target: Store): Promise<Fingerprint> {
  const read = new Fingerprint();
  await target.load(() => {});
  await source.load(async (part) => {
    const records = part.filter(([key]) => movedTo(key) === null);
    for (const entry of records) {
      read.addRecord(entry);
    }
    await target.commit(records.map(ofRecord));
  });
  for await (const events of eventsOf(source)) {
    for (const event of events) {
      read.addEvent(event);
    }
    await target.commit(events.map(ofEvent));
  }
  return read;
}

/** Each a commit of its own, so that a store may divide them as suits it. */
function ofRecord(entry: Entry): Commit {
  return { records: new Map([entry]), events: [] };
}

function ofEvent(event: StoredEvent): Commit {
  return { records: new Map(), events: [event] };
}
