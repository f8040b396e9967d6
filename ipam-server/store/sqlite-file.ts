import { closeSync, existsSync, fstatSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'libsql';
import { RowMap } from './row-map.ts';
import { SqliteFileError } from './sqlite-error.ts';
import { SqliteEvents } from './sqlite-events.ts';
import { checkAllPages, checkPages, checkPlace } from './sqlite-integrity.ts';
import { migrate } from './sqlite-schema.ts';
import { first, transaction } from './sqlite-statement.ts';
import { copyEnd, type Entry, type StoredEvent } from './store.ts';

/** Records that are read at once: enough to cost nothing extra, few enough to be nothing in memory. */
const partSize = 1_024;

type Row = readonly [id: number, key: string, value: string];

/** Some of the records, and where the next ones begin; null when these were the last. */
export interface Part {
  readonly entries: readonly Entry[];
  readonly next: number | null;
}

/** The ledger's SQLite file, synchronous; runs in the worker. */
export class SqliteFile {
  readonly events: SqliteEvents;
  readonly #file: string;
  readonly #database: Database.Database;
  readonly #insert: Database.Statement;
  readonly #update: Database.Statement;
  readonly #remove: Database.Statement;
  readonly #part: Database.Statement;
  /** Of each key its row; null while they are not all known. */
  #ids: RowMap | null = null;
  #loading = new RowMap();
  #lastId = 0;
  #descriptor: number | null = null;

  /** Opens or makes the file, for this process alone; @throws when it is in use, damaged or not ours. */
  constructor(file: string) {
    const isNew = checkPlace(file);
    const hasWal = existsSync(`${file}-wal`);
    const database = new Database(file);
    this.#file = file;
    this.#database = database;
    // The lock is taken with the first read and held until close, so a second server sees SQLITE_BUSY.
    first(database, 'PRAGMA locking_mode = EXCLUSIVE');
    first(database, 'PRAGMA journal_mode = WAL');
    // Every commit reaches the disk before it is answered.
    first(database, 'PRAGMA synchronous = FULL');
    if (!isNew) {
      checkPages(database, file);
    }
    const version = migrate(database);
    if (version > 1 && !hasWal && first(database, 'SELECT is_open FROM life') === 1) {
      const detail = `a server died with the file open, and its ${file}-wal, with the last changes, is missing`;
      throw new SqliteFileError('SQLITE_CORRUPT', detail);
    }
    this.#insert = database.prepare('INSERT INTO records VALUES (?, ?, ?)');
    this.#update = database.prepare('UPDATE records SET value = ? WHERE id = ? AND key = ?');
    this.#remove = database.prepare('DELETE FROM records WHERE id = ? AND key = ?');
    this.#part = database
      .prepare('SELECT id, key, value FROM records WHERE id > ? ORDER BY id LIMIT ?')
      .raw();
    this.events = new SqliteEvents(database);
    removeCopies(file);
    this.#live(true);
    this.#checkpoint();
  }

  /**
   * Some of the records. A load begins at 0 and goes on with `next`.
   *
   * @throws SqliteFileError when a key is there twice
   */
  load(from: number): Part {
    if (from === 0) {
      this.#ids = null;
      this.#loading = new RowMap();
      this.#lastId = 0;
      this.events.refresh();
    }
    const rows = this.#part.all(from, partSize) as Row[];
    for (const [id, key] of rows) {
      if (this.#loading.get(key) !== undefined) {
        throw new SqliteFileError('SQLITE_CORRUPT', `the record "${key}" is there twice`);
      }
      this.#loading.set(key, id);
      this.#lastId = id;
    }
    const isLast = rows.length < partSize;
    if (isLast) {
      this.#ids = this.#loading;
    }
    return { entries: rows.map(([, key, value]) => [key, value]), next: isLast ? null : this.#lastId };
  }

  /** Needs a whole load before it, and another one after it has failed. */
  commit(
    records: readonly (readonly [key: string, value: string | null])[],
    events: readonly StoredEvent[],
  ): void {
    const ids = this.#ids;
    if (ids === null) {
      throw new SqliteFileError('NOT_LOADED', 'the records must be loaded before a commit');
    }
    try {
      transaction(this.#database, () => {
        for (const [key, value] of records) {
          this.#change(ids, key, value);
        }
        this.events.add(events);
      });
    } catch (error) {
      this.#ids = null;
      throw error;
    }
  }

  #change(ids: RowMap, key: string, value: string | null): void {
    const id = ids.get(key);
    if (id === undefined) {
      if (value !== null) {
        ids.set(key, ++this.#lastId);
        this.#insert.run(this.#lastId, key, value);
      }
      return;
    }
    if (value === null) {
      ids.delete(key);
    }
    const { changes } = value === null ? this.#remove.run(id, key) : this.#update.run(value, id, key);
    if (changes !== 1) {
      throw new SqliteFileError('SQLITE_CORRUPT', `the record "${key}" is not in row ${id}`);
    }
  }

  /**
   * Brings the file itself to the present state and leaves it so until `endBackup`: what is committed meanwhile
   * goes to the -wal file alone, so that the file can be read as a copy of one moment.
   *
   * @returns a descriptor to read it by, and its length
   */
  beginBackup(): { readonly descriptor: number; readonly length: number } {
    first(this.#database, 'PRAGMA wal_autocheckpoint = 0');
    this.#live(false);
    this.#checkpoint();
    // Never closed before the database is: closing any descriptor of the file would end this process's lock.
    this.#descriptor ??= openSync(this.#file, 'r');
    return { descriptor: this.#descriptor, length: fstatSync(this.#descriptor).size };
  }

  endBackup(): void {
    first(this.#database, 'PRAGMA wal_autocheckpoint = 1000');
    this.#live(true);
    this.#checkpoint();
  }

  /** Looks at every page; @throws SqliteFileError SQLITE_CORRUPT */
  checkAll(): void {
    checkAllPages(this.#database);
  }

  close(): void {
    this.#live(false);
    this.#database.close();
    if (this.#descriptor !== null) {
      closeSync(this.#descriptor);
    }
  }

  /** Notes whether the file is only whole together with its -wal file. */
  #live(isOpen: boolean): void {
    this.#database.exec(`UPDATE life SET is_open = ${isOpen ? 1 : 0}`);
  }

  #checkpoint(): void {
    if (first(this.#database, 'PRAGMA wal_checkpoint(TRUNCATE)') !== 0) {
      throw new SqliteFileError('SQLITE_BUSY', 'the -wal file cannot be brought into the file');
    }
  }
}

/** Copies for callers, of which a server was killed before it had sent them. */
function removeCopies(file: string): void {
  const folder = dirname(file);
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${basename(file)}${copyEnd}`)) {
      rmSync(join(folder, name), { force: true });
    }
  }
}
