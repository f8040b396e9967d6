// ipam-server/store/sqlite-worker.ts
import { parentPort } from 'node:worker_threads';

// ipam-server/store/sqlite-file.ts
import Database from 'libsql';

var applicationId = 1380536396;
var schemaVersion = 1;
var tables = `
  CREATE TABLE records (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
`;

class SqliteFileError extends Error {
  code;
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

class SqliteFile {
  #database;
  #put;
  #remove;
  constructor(file) {
    this.#database = new Database(file);
    this.#pragma('locking_mode = EXCLUSIVE');
    this.#pragma('journal_mode = WAL');
    this.#pragma('synchronous = FULL');
    this.#checkVersion();
    this.#checkIntegrity();
    this.#put = this.#database.prepare(
      'INSERT INTO records VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#remove = this.#database.prepare('DELETE FROM records WHERE key = ?');
  }
  load() {
    return this.#database.prepare('SELECT key, value FROM records').raw().all();
  }
  commit(changes) {
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
  close() {
    this.#database.close();
  }
  #checkVersion() {
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
  #isEmpty() {
    return this.#database.prepare('SELECT name FROM sqlite_schema LIMIT 1').all().length === 0;
  }
  #checkIntegrity() {
    const finding = this.#pragma('integrity_check(1)');
    if (finding !== 'ok') {
      throw new SqliteFileError('SQLITE_CORRUPT', String(finding));
    }
  }
  #rollback() {
    if (this.#database.inTransaction) {
      this.#database.exec('ROLLBACK');
    }
  }
  #pragma(text) {
    const [row] = this.#database.prepare(`PRAGMA ${text}`).raw().all();
    return row?.[0];
  }
}

// ipam-server/store/sqlite-worker.ts
var file = null;
function perform(request) {
  if (request.do === 'open') {
    file = new SqliteFile(request.file);
    return { ok: true };
  }
  if (file === null) {
    return { ok: false, code: 'CLOSED', message: 'the file is not open' };
  }
  switch (request.do) {
    case 'load':
      return { ok: true, entries: file.load() };
    case 'commit':
      file.commit(request.changes);
      return { ok: true };
    case 'close':
      file.close();
      file = null;
      return { ok: true };
  }
}
parentPort?.on('message', (request) => {
  try {
    parentPort?.postMessage(perform(request));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const message = error instanceof Error ? error.message : String(error);
    parentPort?.postMessage({ ok: false, code, message });
  }
});

//# debugId=92D25F98A901FE3B64756E2164756E21
//# sourceMappingURL=sqlite-worker.js.map
