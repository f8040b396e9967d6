import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Problem } from '../../core/problem/problem.ts';
import { SqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { openLedgerFile } from './ledger-file.ts';
import type { LedgerPlace, OpenLedger, Successor } from './place.ts';

/** A ledger in a file. */
export class SqliteLedgerPlace implements LedgerPlace {
  readonly name: string;
  readonly file: string;
  readonly #worker: URL;

  /** @param worker the built sqlite-worker.js */
  constructor(file: string, worker: URL) {
    this.name = `sqlite:${resolve(file)}`;
    this.file = file;
    this.#worker = worker;
  }

  async open(): Promise<OpenLedger> {
    const store = await openLedgerFile(this.file, this.#worker);
    return { store, end: () => store.close() };
  }

  async succeed(): Promise<Successor> {
    const [file, worker] = [this.file, this.#worker];
    await refuseServed(file, worker);
    const fresh = await prepareFile(file, worker);
    return new SqliteSuccessor(file, fresh, await SqliteStore.open(fresh, worker), worker);
  }
}

class SqliteSuccessor implements Successor {
  readonly store: SqliteStore;
  readonly #file: string;
  readonly #fresh: string;
  readonly #worker: URL;
  #predecessor: Store | null = null;
  #isClosed = false;

  constructor(file: string, fresh: string, store: SqliteStore, worker: URL) {
    this.#file = file;
    this.#fresh = fresh;
    this.store = store;
    this.#worker = worker;
  }

  /** What is in the place may be past reading: it is put aside as it is. */
  async epoch(): Promise<number> {
    return 1;
  }

  async predecessor(): Promise<Store | null> {
    if (!isThere(this.#file)) {
      return null;
    }
    this.#predecessor = await openLedgerFile(this.#file, this.#worker);
    return this.#predecessor;
  }

  async confirm(): Promise<void> {
    await this.#close();
    await refuseServed(this.#file, this.#worker);
  }

  async putInPlace(): Promise<string | null> {
    await this.confirm();
    const aside = putInPlace(this.#fresh, this.#file, new Date());
    return aside === null ? null : `The ledger that was there is ${aside} now.`;
  }

  async end(): Promise<void> {
    await this.#close();
    removeFile(this.#fresh);
  }

  async #close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      await this.store.close();
      await this.#predecessor?.close();
    }
  }
}

function isThere(file: string): boolean {
  return existsSync(file) || existsSync(`${file}-wal`);
}

/** Removes a ledger's file and those that SQLite has written beside it. */
export function removeFile(file: string): void {
  for (const end of ['', '-wal', '-shm']) {
    rmSync(`${file}${end}`, { force: true });
  }
}

/**
 * A file for what is to take a ledger's place; an interrupted attempt's goes.
 *
 * @throws Problem STORE_IN_USE when another attempt is under way
 */
export async function prepareFile(file: string, worker: URL): Promise<string> {
  const fresh = `${file}.restoring`;
  await refuseServed(fresh, worker);
  removeFile(fresh);
  return fresh;
}

/** A damaged ledger may be replaced, one that is in use may not; @throws Problem STORE_IN_USE */
export async function refuseServed(file: string, worker: URL): Promise<void> {
  if (!existsSync(file)) {
    return;
  }
  try {
    const store = await SqliteStore.open(file, worker);
    // What its -wal file holds is brought into it.
    await store.close();
  } catch (error) {
    if (error instanceof Problem && error.code === 'STORE_IN_USE') {
      throw error;
    }
  }
}

/**
 * Puts a file in the place of a ledger's, in one step.
 *
 * @returns where the ledger is that was there, if there was one
 */
export function putInPlace(fresh: string, to: string, now: Date): string | null {
  const aside = `${to}.replaced-${now.toISOString().replaceAll(':', '')}`;
  const isThere = existsSync(to);
  sync(fresh);
  if (isThere) {
    linkSync(to, aside);
  }
  // Of a damaged ledger it may have stayed; SQLite would take it for the restored one's.
  if (existsSync(`${to}-wal`)) {
    renameSync(`${to}-wal`, `${aside}-wal`);
  }
  sync(dirname(to));
  renameSync(fresh, to);
  sync(dirname(to));
  return isThere ? aside : null;
}

/** Brings a file, or the names in a folder, to the disk. */
function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
