import { describeFindings, examine } from './examine.ts';
import type { LedgerPlace } from './place.ts';

/**
 * Looks at all of a ledger or backup and says what it holds.
 *
 * @throws Problem STORE_MISSING, STORE_IN_USE, STORE_DAMAGED, STORE_TOO_NEW, STORE_UNOPENED, ETCD_*
 */
export async function verify(place: LedgerPlace): Promise<void> {
  const { store, end } = await place.open();
  try {
    process.stdout.write(`${describeFindings(await examine(store))}${place.name} is whole\n`);
  } finally {
    await end();
  }
}
