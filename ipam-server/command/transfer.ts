import { Problem } from '../../core/problem/problem.ts';
import { copyLedger, type LedgerSource } from '../store/copy-ledger.ts';
import type { Fingerprint } from '../store/fingerprint.ts';
import type { Store } from '../store/store.ts';
import { examine, type Findings } from './examine.ts';

/**
 * Copies a ledger into an empty store, reads all of it there again, examines it and holds it against what was read.
 *
 * @returns what the copy holds
 * @throws Problem STORE_DAMAGED; COPY_DIFFERS
 */
export async function transfer(source: LedgerSource, target: Store): Promise<Findings> {
  const read = await copyLedger(source, target);
  const findings = await examine(target);
  if (!findings.fingerprint.equals(read)) {
    throw new Problem(
      'COPY_DIFFERS',
      `${told(read)} were read, ${told(findings.fingerprint)} are in the copy`,
    );
  }
  return findings;
}

function told({ records, events, text }: Fingerprint): string {
  return `${records} records and ${events} events (${text})`;
}
