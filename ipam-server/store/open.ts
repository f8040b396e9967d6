import { Problem } from '../../core/problem/problem.ts';
import { type EtcdFlags, type EtcdPlace, etcdPlace } from './etcd/endpoint.ts';
import { MemoryStore } from './memory.ts';
import { SqliteStore } from './sqlite.ts';
import { sqliteWorker } from './sqlite-thread.ts';
import type { Store } from './store.ts';

const kinds = /^(memory|sqlite|etcd):(.*)$/s;

/**
 * The store of this server alone that `--store` names.
 *
 * @throws Problem FLAG_INVALID, STORE_*
 */
export async function openStore(text: string): Promise<Store> {
  const [, kind, place = ''] = kinds.exec(text) ?? [];
  if (kind === 'memory' && place === '') {
    return new MemoryStore();
  }
  if (kind === 'sqlite' && place !== '') {
    return SqliteStore.open(place, sqliteWorker);
  }
  throw new Problem('FLAG_INVALID', `--store "${text}" is neither sqlite:FILE, etcd:URL,… nor memory:`);
}

/**
 * The etcd that `--store` names; null for another store.
 *
 * @throws Problem FLAG_INVALID, also for flags of etcd's with another store
 */
export function etcdPlaceOf(flags: EtcdFlags & { readonly store: string }): EtcdPlace | null {
  const [, kind, place = ''] = kinds.exec(flags.store) ?? [];
  if (kind === 'etcd' && place !== '') {
    return etcdPlace(place, flags);
  }
  const stray = Object.keys(flags).find((name) => /^(etcd[A-Z]|advertiseUrl)/.test(name));
  if (stray !== undefined) {
    const flag = stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new Problem('FLAG_INVALID', `--${flag} is only for --store etcd:URL,…`);
  }
  return null;
}
