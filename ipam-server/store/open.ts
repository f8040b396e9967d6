import { Problem } from '../../core/problem/problem.ts';
import { MemoryStore } from './memory.ts';
import { SqliteStore } from './sqlite.ts';
import type { Store } from './store.ts';

/** The thread of the SQLite store; it is built beside the program that this is part of. */
export const sqliteWorker = new URL('sqlite-worker.js', import.meta.url);

/**
 * The store that `--store` names.
 *
 * @throws Problem FLAG_INVALID, STORE_*
 */
export async function openStore(text: string): Promise<Store> {
  const [, kind, place = ''] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  if (kind === 'memory' && place === '') {
    return new MemoryStore();
  }
  if (kind === 'sqlite' && place !== '') {
    return SqliteStore.open(place, sqliteWorker);
  }
  throw new Problem('FLAG_INVALID', `--store "${text}" is neither sqlite:FILE nor memory:`);
}
