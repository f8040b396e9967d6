import { describeFindings } from './examine.ts';
import { examineFile, refuseExisting } from './ledger-file.ts';
import type { LedgerPlace } from './place.ts';

/**
 * Copies the ledger of a store that no server has into a new file, and looks at the copy.
 *
 * @throws Problem STORE_MISSING, STORE_IN_USE, STORE_EXISTS, STORE_DAMAGED, BACKUP_FAILED, ETCD_*
 */
export async function backup(from: LedgerPlace, to: string, worker: URL): Promise<void> {
  refuseExisting(to);
  const { store, end } = await from.open();
  try {
    await store.backup(to);
  } finally {
    await end();
  }
  const findings = await examineFile(to, worker);
  process.stdout.write(`${describeFindings(findings)}${to} is a whole copy of ${from.name}\n`);
}
