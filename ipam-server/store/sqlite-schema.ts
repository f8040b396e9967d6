import type Database from 'libsql';
import { SqliteFileError } from './sqlite-error.ts';
import { first, transaction } from './sqlite-statement.ts';

/** `RIPL`: marks the file as ours (PRAGMA application_id), so that another program's is never written to. */
const applicationId = 0x5249504c;

/**
 * Each step makes the next schema version of the one before it. They are never edited: files of every version
 * that was ever released walk them.
 */
const steps: readonly ((database: Database.Database) => void)[] = [records, events];

/** Of a file that has taken all steps. */
export const schemaVersion = steps.length;

/**
 * Keys are unique by the worker's map, not by an index: container ids are random, so an index would touch a page
 * a record, where rows in the order of their coming share them (measured: 64 records a commit, 4.6 times as many
 * a second, p99 1.5 ms instead of 8.7).
 */
function records(database: Database.Database): void {
  database.exec(`
    CREATE TABLE records (id INTEGER PRIMARY KEY, key TEXT NOT NULL, value TEXT NOT NULL);
    PRAGMA application_id = ${applicationId};
  `);
}

/**
 * Events are only ever added at the end, and so are the postings of an address: those of a segment of events are
 * written together once it is full, in the order of the addresses. One index of all addresses would touch a page
 * an event. `addresses` is a JSON list. `life` says whether a server has the file open, or died with it open: the
 * file is then only whole with the -wal file beside it.
 */
function events(database: Database.Database): void {
  database.exec(`
    CREATE TABLE events (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, addresses TEXT NOT NULL, text TEXT NOT NULL);
    CREATE TABLE life (is_open INTEGER NOT NULL);
    INSERT INTO life VALUES (0);
    CREATE TABLE segments (first INTEGER PRIMARY KEY, last INTEGER NOT NULL);
    CREATE TABLE postings (
      segment INTEGER NOT NULL, address TEXT NOT NULL, event INTEGER NOT NULL,
      PRIMARY KEY (segment, address, event)
    ) WITHOUT ROWID;
  `);
}

/**
 * Brings the file to this server's schema, in one transaction; a new file takes every step.
 *
 * @returns the version that the file had; 0 when it is new
 * @throws SqliteFileError NOT_OURS, TOO_NEW
 */
export function migrate(database: Database.Database): number {
  const version = first(database, 'PRAGMA user_version');
  const application = first(database, 'PRAGMA application_id');
  const isNew =
    version === 0 && application === 0 && first(database, 'SELECT 1 FROM sqlite_schema') === undefined;
  if (!isNew && application !== applicationId) {
    throw new SqliteFileError('NOT_OURS', 'the file is another program’s database');
  }
  if (typeof version !== 'number' || version > schemaVersion) {
    const detail = `the file has schema version ${version}, this server ${schemaVersion}`;
    throw new SqliteFileError('TOO_NEW', detail);
  }
  if (version < schemaVersion) {
    transaction(database, () => {
      for (const step of steps.slice(version)) {
        step(database);
      }
      database.exec(`PRAGMA user_version = ${schemaVersion}`);
    });
  }
  return version;
}
