import type Database from 'libsql';
import { first, transaction } from './sqlite-statement.ts';
import type { EventQuery, StoredEvent } from './store.ts';

/**
 * Events whose postings are written together. Larger: a longer pause for the commit behind it; smaller: more
 * places to look at for an address's history (measured: see docs/ipam.md, “Sizing”).
 */
const segmentSize = 4_096;

/** Events that go in one transaction when they are forgotten, so that no commit waits long behind it. */
const forgottenAtOnce = 4_096;

type Row = readonly [id: number, time: number, addresses: string, text: string];

const columns = 'e.id, e.time, e.addresses, e.text';

/** The events of the ledger's file: added at the end, found by id and by address, forgotten at the beginning. */
export class SqliteEvents {
  readonly #database: Database.Database;
  readonly #insert: Database.Statement;
  readonly #after: Database.Statement;
  readonly #inSegments: Database.Statement;
  readonly #inRest: Database.Statement;
  readonly #old: Database.Statement;
  readonly #segmentEnd: Database.Statement;
  /** The last event with a posting, and the last of all. */
  #posted = 0;
  #last = 0;

  constructor(database: Database.Database) {
    this.#database = database;
    this.#insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?)');
    this.#after = database
      .prepare(`SELECT ${columns} FROM events e WHERE e.id > ? ORDER BY e.id LIMIT ?`)
      .raw();
    // CROSS JOIN keeps the order of the loops, so that no more is read than the limit asks for.
    this.#inSegments = database
      .prepare(
        `SELECT ${columns} FROM segments s
         CROSS JOIN postings p ON p.segment = s.first AND p.address = ?1
         CROSS JOIN events e ON e.id = p.event
         WHERE s.last > ?2 AND e.id > ?2 ORDER BY s.first, p.event LIMIT ?3`,
      )
      .raw();
    this.#inRest = database
      .prepare(
        `SELECT ${columns} FROM events e WHERE e.id > ?2 AND instr(e.addresses, ?1) > 0 ORDER BY e.id LIMIT ?3`,
      )
      .raw();
    this.#old = database
      .prepare(
        `SELECT max(id), count(*) FROM (SELECT id, time FROM events ORDER BY id LIMIT ${forgottenAtOnce})
         WHERE time < ?`,
      )
      .raw();
    // Ids may have gaps: a restored ledger begins far above all that were ever given.
    this.#segmentEnd = database
      .prepare(`SELECT id FROM events WHERE id > ? ORDER BY id LIMIT 1 OFFSET ${segmentSize - 1}`)
      .raw();
    this.refresh();
  }

  /** Reads anew what a transaction that failed may have left behind in memory. */
  refresh(): void {
    const posted = Number(first(this.#database, 'SELECT max(last) FROM segments') ?? 0);
    this.#posted = Math.max(posted, this.oldest - 1);
    this.#last = Number(first(this.#database, 'SELECT max(id) FROM events') ?? 0);
  }

  /** The highest id; 0 when there was no event ever. */
  get last(): number {
    return this.#last;
  }

  /** Within the caller's transaction. */
  add(events: readonly StoredEvent[]): void {
    for (const { id, time, addresses, text } of events) {
      this.#insert.run(id, time, JSON.stringify(addresses), text);
      this.#last = id;
    }
  }

  find({ after, limit, address }: EventQuery): StoredEvent[] {
    if (address === undefined) {
      return (this.#after.all(after, limit) as Row[]).map(event);
    }
    const old = this.#inSegments.all(address, after, limit) as Row[];
    const rest = Math.max(after, this.#posted);
    const quoted = JSON.stringify(address);
    const young = limit > old.length ? this.#inRest.all(quoted, rest, limit - old.length) : [];
    return [...old, ...(young as Row[])].map(event);
  }

  get oldest(): number {
    return Number(first(this.#database, 'SELECT min(id) FROM events') ?? 0);
  }

  /** Writes the postings of the next segment if there are events enough for one. */
  post(): void {
    if (this.#last - this.#posted < segmentSize) {
      return;
    }
    const [[to] = []] = this.#segmentEnd.all(this.#posted) as [number][];
    if (to === undefined) {
      return;
    }
    const from = this.#posted + 1;
    transaction(this.#database, () => {
      this.#database.exec(`
        INSERT INTO segments VALUES (${from}, ${to});
        INSERT INTO postings
          SELECT DISTINCT ${from}, a.value, e.id FROM events e, json_each(e.addresses) a
          WHERE e.id BETWEEN ${from} AND ${to} ORDER BY a.value, e.id`);
    });
    this.#posted = to;
  }

  /** Forgets some of the events before a time; reports whether there may be more to forget. */
  forget(before: number): boolean {
    const [[last, count] = [null, 0]] = this.#old.all(before) as [number | null, number][];
    const end = Math.min(last ?? 0, this.#last - 1);
    if (end < this.oldest) {
      return false;
    }
    transaction(this.#database, () => {
      this.#database.exec(`
        DELETE FROM events WHERE id <= ${end};
        DELETE FROM postings WHERE segment IN (SELECT first FROM segments WHERE last <= ${end});
        DELETE FROM segments WHERE last <= ${end}`);
    });
    this.#posted = Math.max(this.#posted, end);
    return count > 0;
  }
}

function event([id, time, addresses, text]: Row): StoredEvent {
  return { id, time, addresses: JSON.parse(addresses), text };
}
