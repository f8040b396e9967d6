import { existsSync } from 'node:fs';
import { Problem } from '../../core/problem/problem.ts';
import { SqliteStore } from '../store/sqlite.ts';
import { examine, type Findings } from './examine.ts';

/**
 * Opens the file of a ledger, and never makes one. An older file is brought to the present schema.
 *
 * @throws Problem STORE_MISSING, STORE_IN_USE, STORE_DAMAGED, STORE_TOO_NEW, STORE_UNOPENED
 */
export function openLedgerFile(file: string, worker: URL): Promise<SqliteStore> {
  if (!existsSync(file) && !existsSync(`${file}-wal`)) {
    throw new Problem('STORE_MISSING', `there is no file ${file}`);
  }
  return SqliteStore.open(file, worker);
}

/** Opens, examines and closes the file of a ledger; @throws Problem STORE_* */
export async function examineFile(file: string, worker: URL): Promise<Findings> {
  const store = await openLedgerFile(file, worker);
  try {
    return await examine(store);
  } finally {
    await store.close();
  }
}

/** @throws Problem STORE_EXISTS */
export function refuseExisting(file: string): void {
  if (existsSync(file) || existsSync(`${file}-wal`)) {
    throw new Problem('STORE_EXISTS', `${file} is there already`);
  }
}
