import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { copyFile as copy } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { changesOf } from '../ledger/events/changes.ts';
import { byServer, eventWriter } from '../ledger/events/event.ts';
import type { Ledger } from '../ledger/state/ledger.ts';
import { keyOf, type Write } from '../ledger/state/record.ts';
import { SqliteStore } from '../store/sqlite.ts';
import { describeFindings, examine } from './examine.ts';
import { openLedgerFile, refuseExisting } from './ledger-file.ts';

/**
 * What each epoch may count: revisions, generations and events of a restored ledger are higher than any that the
 * lost one has given since the backup, so that a late release of then frees nothing of now.
 */
const perEpoch = 2 ** 40;

/**
 * Puts a backup in the place of a ledger, as a new epoch of it: nothing is given until every node that it knows
 * has said what lives there. The ledger that is there is put aside, never overwritten; whenever this is
 * interrupted, either of the two is in place.
 *
 * @throws Problem STORE_MISSING, STORE_IN_USE, STORE_EXISTS, STORE_DAMAGED, STORE_TOO_NEW, BACKUP_FAILED
 */
export async function restore(from: string, to: string, isForced: boolean, worker: URL): Promise<void> {
  if (!isForced) {
    refuseExisting(to);
  }
  const now = new Date();
  const fresh = `${to}.restoring-${randomUUID()}`;
  try {
    if (!existsSync(from)) {
      throw new Problem('STORE_MISSING', `there is no file ${from}`);
    }
    await copyBackup(from, fresh);
    const { told, waiting } = await beginEpoch(fresh, from, now, worker);
    await refuseServed(to, worker);
    const aside = putInPlace(fresh, to, now);
    const before = aside === null ? '' : `The ledger that was there is ${aside} now.\n`;
    process.stdout.write(
      `${told}${before}${to} holds the ledger of ${from}; it waits for ${waiting} nodes.\n`,
    );
  } finally {
    for (const end of ['', '-wal']) {
      rmSync(`${fresh}${end}`, { force: true });
    }
  }
}

/** The backup itself is never opened, so that nothing of it changes. */
async function copyBackup(from: string, to: string): Promise<void> {
  try {
    await copy(from, to);
    if (existsSync(`${from}-wal`)) {
      await copy(`${from}-wal`, `${to}-wal`);
    }
  } catch (error) {
    throw new Problem('BACKUP_FAILED', `${from} to ${to}: ${reasonOf(error)}`, {}, error);
  }
}

async function beginEpoch(file: string, from: string, now: Date, worker: URL) {
  const store = await openLedgerFile(file, worker);
  try {
    const findings = await examine(store);
    const { ledger } = findings;
    const writes = newEpoch(ledger, from, now);
    const first = (ledger.epoch?.value ?? 1) * perEpoch;
    const changes = changesOf(ledger, { writes, answer: null }, now.getTime());
    const write = eventWriter(byServer);
    const records = new Map(writes.map((each) => [keyOf(each), JSON.stringify(each.record)]));
    await store.commit({
      records,
      events: changes.map((change, i) =>
        write(Math.max(first, findings.lastEvent) + 1 + i, now.getTime(), change),
      ),
    });
    return { told: describeFindings(findings), waiting: ledger.nodes.size };
  } finally {
    await store.close();
  }
}

function newEpoch(ledger: Ledger, from: string, now: Date): Write[] {
  const before = ledger.epoch?.value ?? 1;
  const record = {
    value: before + 1,
    at: now.getTime(),
    why: `restored from ${from}`,
    waitingFor: [...ledger.nodes.keys()],
  };
  const value = Math.max(before * perEpoch, ledger.sequence);
  return [
    { kind: 'meta', name: 'sequence', record: { value } },
    { kind: 'epoch', name: 'current', record },
  ];
}

/** A damaged ledger may be replaced, one that is in use may not; @throws Problem STORE_IN_USE */
async function refuseServed(file: string, worker: URL): Promise<void> {
  if (!existsSync(file)) {
    return;
  }
  try {
    const store = await SqliteStore.open(file, worker);
    // What its -wal file holds is brought into it.
    await store.close();
  } catch (error) {
    if (error instanceof Problem && error.code === 'STORE_IN_USE') {
      throw error;
    }
  }
}

/** @returns where the ledger is that was there, if there was one */
function putInPlace(fresh: string, to: string, now: Date): string | null {
  const aside = `${to}.replaced-${now.toISOString().replaceAll(':', '')}`;
  const isThere = existsSync(to);
  sync(fresh);
  if (isThere) {
    linkSync(to, aside);
  }
  // Of a damaged ledger it may have stayed; SQLite would take it for the restored one's.
  if (existsSync(`${to}-wal`)) {
    renameSync(`${to}-wal`, `${aside}-wal`);
  }
  sync(dirname(to));
  renameSync(fresh, to);
  sync(dirname(to));
  return isThere ? aside : null;
}

/** Brings a file, or the names in a folder, to the disk. */
function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
