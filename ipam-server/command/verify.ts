import { describeFindings } from './examine.ts';
import { examineFile } from './ledger-file.ts';

/**
 * Looks at all of a ledger or backup and says what it holds.
 *
 * @throws Problem STORE_MISSING, STORE_IN_USE, STORE_DAMAGED, STORE_TOO_NEW, STORE_UNOPENED
 */
export async function verify(file: string, worker: URL): Promise<void> {
  const findings = await examineFile(file, worker);
  process.stdout.write(`${describeFindings(findings)}${file} is whole\n`);
}
