import { Problem } from '../../core/problem/problem.ts';
import type { Entry } from './store.ts';

/**
 * Marks a ledger that was moved to another store: it stays as it was, and no server begins on it again. An older
 * server refuses it too, since it knows no records of this kind, and names the key, which says where the ledger is.
 */
const kind = 'moved/';

/** The mark as a record. @param to as `--store` names it @param at milliseconds since 1970 */
export function movedRecord(to: string, at: number): Entry {
  return [`${kind}${to}`, JSON.stringify({ at })];
}

/** Where the ledger was moved to, if the key is the mark's. */
export function movedTo(key: string): string | null {
  return key.startsWith(kind) ? key.slice(kind.length) : null;
}

/** @throws Problem STORE_MOVED when one of the records is the mark */
export function refuseMoved(part: readonly Entry[]): void {
  for (const [key] of part) {
    const to = movedTo(key);
    if (to !== null) {
      throw new Problem('STORE_MOVED', `the ledger was moved to ${to}`);
    }
  }
}
