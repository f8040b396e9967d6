import { describeFindings } from './examine.ts';
import { examineFile, openLedgerFile, refuseExisting } from './ledger-file.ts';

/**
 * Copies the ledger of a file that no server has open into a new file, and looks at the copy.
 *
 * @throws Problem STORE_MISSING, STORE_IN_USE, STORE_EXISTS, STORE_DAMAGED, BACKUP_FAILED
 */
export async function backup(from: string, to: string, worker: URL): Promise<void> {
  refuseExisting(to);
  const store = await openLedgerFile(from, worker);
  try {
    await store.backup(to);
  } finally {
    await store.close();
  }
  const findings = await examineFile(to, worker);
  process.stdout.write(`${describeFindings(findings)}${to} is a whole copy of ${from}\n`);
}
