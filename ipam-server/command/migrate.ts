import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { movedRecord } from '../store/moved.ts';
import { describeFindings } from './examine.ts';
import type { LedgerPlace, Successor } from './place.ts';
import { type Standing, standingOf } from './standing.ts';
import { transfer } from './transfer.ts';

const none: Standing = { isEmpty: true, movedTo: null };

/**
 * Moves a ledger to another store: the same records, events and generations, in the same epoch. What is left where it
 * was is marked before the copy is put in place, so that the two are never served side by side; a migration that was
 * interrupted between the two is finished by another one.
 *
 * @throws Problem STORE_*, COPY_DIFFERS, ETCD_*; nothing has changed, unless it is interrupted at the end
 */
export async function migrate(from: LedgerPlace, to: LedgerPlace): Promise<void> {
  const source = await from.open();
  try {
    const successor = await to.succeed();
    try {
      const { movedTo: moved } = await standingOf(source.store);
      if (moved !== null && moved !== to.name) {
        throw new Problem('STORE_MOVED', `${from.name} was moved to ${moved}`);
      }
      const isKept = await mustBeKept(successor, to.name, moved === null ? null : from.name);
      const findings = await transfer(source.store, successor.store);
      await successor.confirm();
      await source.store.commit([{ records: new Map([movedRecord(to.name, Date.now())]), events: [] }]);
      const before = await lastStep(from, to, () => successor.putInPlace(isKept));
      process.stdout.write(
        `${describeFindings(findings)}${before === null ? '' : `${before}\n`}${to.name} holds the ledger of ${from.name}; no server begins on that one any more.\n`,
      );
    } finally {
      await successor.end();
    }
  } finally {
    await source.end();
  }
}

/**
 * Only what was never written to, or moved away itself, may be replaced.
 *
 * @returns whether there is something that must be kept aside
 * @throws Problem STORE_EXISTS, STORE_MOVED
 */
async function mustBeKept(successor: Successor, name: string, movedFrom: string | null): Promise<boolean> {
  const present = await successor.predecessor();
  const { isEmpty, movedTo } = present === null ? none : await standingOf(present);
  if (isEmpty || movedTo !== null) {
    return !isEmpty;
  }
  if (movedFrom !== null) {
    throw new Problem('STORE_MOVED', `${movedFrom} was moved to ${name}, which holds a ledger`);
  }
  throw new Problem('STORE_EXISTS', `${name} holds a ledger`);
}

/** What fails in it leaves open whether it was done; @throws Problem STORE_MOVED, since the source is marked already */
async function lastStep<Answer>(
  from: LedgerPlace,
  to: LedgerPlace,
  step: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await step();
  } catch (error) {
    const detail = `${from.name} was being moved to ${to.name}, and the last step failed: ${reasonOf(error)}`;
    throw new Problem('STORE_MOVED', detail, {}, error);
  }
}
