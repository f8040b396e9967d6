import { Problem } from '../../core/problem/problem.ts';
import type { EtcdFlags } from '../store/etcd/endpoint.ts';
import { etcdPlaceOf } from '../store/open.ts';
import { EtcdLedgerPlace } from './etcd-place.ts';
import type { LedgerPlace } from './place.ts';
import { SqliteLedgerPlace } from './sqlite-place.ts';

/**
 * The stores that a command line names.
 *
 * @param etcd flags for those that are in etcd
 * @param worker the built sqlite-worker.js
 * @throws Problem FLAG_INVALID, also for flags of etcd's when none is
 */
export function placesOf<const Texts extends readonly string[]>(
  texts: Texts,
  etcd: EtcdFlags,
  worker: URL,
): { readonly [Each in keyof Texts]: LedgerPlace } {
  const isEtcd = texts.some((text) => text.startsWith('etcd:'));
  const places = texts.map((text) => placeOf(text, isEtcd && !text.startsWith('etcd:') ? {} : etcd, worker));
  return places as { [Each in keyof Texts]: LedgerPlace };
}

function placeOf(store: string, flags: EtcdFlags, worker: URL): LedgerPlace {
  const place = etcdPlaceOf({ ...flags, store });
  if (place !== null) {
    return new EtcdLedgerPlace(store, place, worker);
  }
  const file = /^sqlite:(.+)$/s.exec(store)?.[1];
  if (file === undefined) {
    throw new Problem('FLAG_INVALID', `"${store}" is neither sqlite:FILE nor etcd:URL,…`);
  }
  return new SqliteLedgerPlace(file, worker);
}
