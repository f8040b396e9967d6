import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { copyFile as copy } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { epochOf } from '../ledger/nodes/epoch.ts';
import { beginEpoch } from '../store/epoch.ts';
import { removeOldCopies } from '../store/old-copies.ts';
import { describeFindings, examine } from './examine.ts';
import { openLedgerFile, refuseExisting } from './ledger-file.ts';
import type { LedgerPlace } from './place.ts';
import { prepareFile, putInPlace, refuseServed, removeFile, SqliteLedgerPlace } from './sqlite-place.ts';
import { isEmpty } from './standing.ts';
import { transfer } from './transfer.ts';

/** What the folder of a copy that is made ready is called. */
const temporary = 'realip-restore-';

/**
 * Puts a backup in the place of a ledger, as a new epoch of it: nothing is given until every node that it knows has
 * said what lives there. The ledger that is there is put aside, never overwritten; whenever this is interrupted,
 * either of the two is in place.
 *
 * @throws Problem STORE_MISSING, STORE_IN_USE, STORE_EXISTS, STORE_DAMAGED, STORE_TOO_NEW, BACKUP_FAILED, COPY_DIFFERS,
 *   ETCD_*
 */
export function restore(from: string, to: LedgerPlace, isForced: boolean, worker: URL): Promise<void> {
  return to instanceof SqliteLedgerPlace
    ? restoreFile(from, to.file, isForced, worker)
    : restoreInto(from, to, isForced, worker);
}

/** The copy that is made ready beside the ledger's file takes its place. */
async function restoreFile(from: string, to: string, isForced: boolean, worker: URL): Promise<void> {
  if (!isForced) {
    refuseExisting(to);
  }
  const fresh = await prepareFile(to, worker);
  try {
    const { told, waiting } = await beginWith(from, fresh, worker);
    await refuseServed(to, worker);
    const aside = putInPlace(fresh, to, new Date());
    tell(
      told,
      aside === null ? null : `The ledger that was there is ${aside} now.`,
      `sqlite:${to}`,
      from,
      waiting,
    );
  } finally {
    removeFile(fresh);
  }
}

/** The copy is made ready among temporary files, goes from there beside the ledger, and takes its place. */
async function restoreInto(from: string, to: LedgerPlace, isForced: boolean, worker: URL): Promise<void> {
  await removeOldCopies(tmpdir(), temporary);
  const folder = mkdtempSync(join(tmpdir(), temporary));
  try {
    const successor = await to.succeed();
    try {
      const isKept = !(await isEmpty(successor));
      if (isKept && !isForced) {
        throw new Problem('STORE_EXISTS', `${to.name} holds a ledger`);
      }
      const file = join(folder, 'ledger.db');
      const { told, waiting } = await beginWith(from, file, worker, await successor.epoch());
      const source = await openLedgerFile(file, worker);
      try {
        await transfer(source, successor.store);
      } finally {
        await source.close();
      }
      tell(told, await successor.putInPlace(isKept), to.name, from, waiting);
    } finally {
      await successor.end();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tell(told: string, before: string | null, to: string, from: string, waiting: number): void {
  const line = before === null ? '' : `${before}\n`;
  process.stdout.write(`${told}${line}${to} holds the ledger of ${from}; it waits for ${waiting} nodes.\n`);
}

/**
 * Makes a copy of a backup that has begun a new epoch. The backup itself is never opened, so that nothing of it changes.
 *
 * @param least the epoch that the new one comes after at least
 */
async function beginWith(
  from: string,
  to: string,
  worker: URL,
  least = 1,
): Promise<{ readonly told: string; readonly waiting: number }> {
  if (!existsSync(from)) {
    throw new Problem('STORE_MISSING', `there is no file ${from}`);
  }
  try {
    await copy(from, to);
    if (existsSync(`${from}-wal`)) {
      await copy(`${from}-wal`, `${to}-wal`);
    }
  } catch (error) {
    throw new Problem('BACKUP_FAILED', `${from} to ${to}: ${reasonOf(error)}`, {}, error);
  }
  const store = await openLedgerFile(to, worker);
  try {
    const findings = await examine(store);
    const told = describeFindings(findings);
    const epoch = Math.max(least, epochOf(findings.ledger));
    await beginEpoch(store, { ...findings, epoch }, `restored from ${from}`, new Date());
    return { told, waiting: findings.ledger.nodes.size };
  } finally {
    await store.close();
  }
}
