import Database from 'libsql';
import type { Entry } from './store.ts';

/** `RIPL`: marks the file as ours (PRAGMA application_id), so that another program's is never written to. */
const applicationId = 0x5249504c;
/** Of the tables below; a migration goes with each new one. */
export const schemaVersion = 1;

const tables = `
  CREATE TABLE records (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`;

/** An error of the file itself, with a code as SQLite's are. */
export class SqliteFileError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The ledger's SQLite file, synchronous; runs in the worker. */
export class SqliteFile {
  readonly #database: Database.Database;
  readonly #put: Database.Statement;
  readonly #remove: Database.Statement;

  /** Opens or makes the file, for this process alone; @throws when it is in use, damaged or not ours. */
  constructor(file: string) {
    this.#database = new Database(file);
    // The lock is taken with the first read and held until close, so a second server sees SQLITE_BUSY.
    this.#pragma('locking_mode = EXCLUSIVE');
    this.#pragma('journal_mode = WAL');
    // Every commit reaches the disk before it is answered.
    this.#pragma('synchronous = FULL');
    this.#checkVersion();
    this.#checkIntegrity();
    this.#put = this.#database.prepare(
      'INSERT INTO records VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#remove = this.#database.prepare('DELETE FROM records WHERE key = ?');
  }

  load(): Entry[] {
    return this.#database.prepare('SELECT key, value FROM records').raw().all() as Entry[];
  }

  commit(changes: readonly (readonly [key: string, value: string | null])[]): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const [key, value] of changes) {
        if (value === null) {
          this.#remove.run(key);
        } else {
          this.#put.run(key, value);
        }
      }
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  #checkVersion(): void {
    const version = this.#pragma('user_version');
    const application = this.#pragma('application_id');
    if (version === 0 && application === 0 && this.#isEmpty()) {
      this.#database.exec(`BEGIN EXCLUSIVE; ${tables} COMMIT;`);
      return;
    }
    if (application !== applicationId) {
      throw new SqliteFileError('NOT_OURS', 'the file is another program’s database');
    }
    if (typeof version !== 'number' || version > schemaVersion) {
      throw new SqliteFileError(
        'TOO_NEW',
        `the file has schema version ${version}, this server ${schemaVersion}`,
      );
    }
  }

  #isEmpty(): boolean {
    return this.#database.prepare('SELECT name FROM sqlite_schema LIMIT 1').all().length === 0;
  }

  #checkIntegrity(): void {
    const finding = this.#pragma('integrity_check(1)');
    if (finding !== 'ok') {
      throw new SqliteFileError('SQLITE_CORRUPT', String(finding));
    }
  }

  /** A full disk or an I/O error may have rolled back already. */
  #rollback(): void {
    if (this.#database.inTransaction) {
      this.#database.exec('ROLLBACK');
    }
  }

  /** The first column of the pragma's first row. */
  #pragma(text: string): unknown {
    const [row] = this.#database.prepare(`PRAGMA ${text}`).raw().all() as unknown[][];
    return row?.[0];
  }
}
