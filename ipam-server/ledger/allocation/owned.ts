import type { Ledger } from '../state/ledger.ts';
import type { Write } from '../state/record.ts';

/** What is no longer so of an address that has an owner: that it rests, is in a reserve, or is contested. */
export function withoutOthers(ledger: Ledger, address: string): Write[] {
  const writes: Write[] = [];
  if (ledger.releasedAt(address) !== undefined) {
    writes.push({ kind: 'released', name: address, record: null });
  }
  if (ledger.claims.warm(address) !== undefined) {
    writes.push({ kind: 'warm', name: address, record: null });
  }
  if (ledger.contestedAt(address) !== undefined) {
    writes.push({ kind: 'conflict', name: address, record: null });
  }
  return writes;
}
