import { existsSync, statSync } from 'node:fs';
import type Database from 'libsql';
import { SqliteFileError } from './sqlite-error.ts';
import { first } from './sqlite-statement.ts';

/**
 * Up to this size every page is looked at before a server starts (about a second a GiB that is in the page
 * cache); of a larger file, which is one with very many events, those of the records.
 */
const wholeUpTo = 1024 ** 3;

/**
 * Refuses what SQLite would take for a new database, or for an older state of the ledger, in silence.
 *
 * @returns whether there is no file yet
 */
export function checkPlace(file: string): boolean {
  const isMissing = !existsSync(file);
  if (isMissing && existsSync(`${file}-wal`)) {
    throw new SqliteFileError('WITHOUT_FILE', `the file is missing, while its ${file}-wal is there`);
  }
  if (!isMissing && statSync(file).size === 0) {
    throw new SqliteFileError('SQLITE_CORRUPT', 'the file is empty, which no ledger ever is');
  }
  return isMissing;
}

/** @throws SqliteFileError SQLITE_CORRUPT, naming the page where SQLite does */
export function checkPages(database: Database.Database, file: string): void {
  const isSmall = statSync(file).size <= wholeUpTo;
  check(database, isSmall ? 'integrity_check(1)' : 'integrity_check(records)');
}

/** Looks at every page, however many there are; @throws SqliteFileError SQLITE_CORRUPT */
export function checkAllPages(database: Database.Database): void {
  check(database, 'integrity_check(1)');
}

function check(database: Database.Database, pragma: string): void {
  const finding = first(database, `PRAGMA ${pragma}`);
  if (finding !== 'ok') {
    // Several lines with a head; a message is one.
    const message = String(finding)
      .replace(/^\*\*\*.*\*\*\*\n/, '')
      .replaceAll('\n', '; ');
    throw new SqliteFileError('SQLITE_CORRUPT', message);
  }
}
