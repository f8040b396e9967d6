import { changesOf } from '../ledger/events/changes.ts';
import { byServer, eventWriter } from '../ledger/events/event.ts';
import type { Ledger } from '../ledger/state/ledger.ts';
import { keyOf, type Write } from '../ledger/state/record.ts';
import { movedRecord } from '../store/moved.ts';
import type { Store } from '../store/store.ts';
import type { Findings } from './examine.ts';

/**
 * What each epoch may count: revisions, generations and events of a restored ledger are higher than any that the
 * lost one has given since the backup, so that a late release of then frees nothing of now.
 */
const perEpoch = 2 ** 40;

/**
 * Begins a new life of a ledger: nothing is given until every node that it knows has said what lives there.
 *
 * @param from what it was restored from
 * @throws Problem STORE_*
 */
export async function beginEpoch(store: Store, findings: Findings, from: string, now: Date): Promise<void> {
  const { ledger, lastEvent, movedTo } = findings;
  const writes = newEpoch(ledger, from, now);
  const first = (ledger.epoch?.value ?? 1) * perEpoch;
  const changes = changesOf(ledger, { writes, answer: null }, now.getTime());
  const write = eventWriter(byServer);
  const records = new Map<string, string | null>(
    writes.map((each) => [keyOf(each), JSON.stringify(each.record)]),
  );
  if (movedTo !== null) {
    records.set(movedRecord(movedTo, 0)[0], null);
  }
  const events = changes.map((change, i) => write(Math.max(first, lastEvent) + 1 + i, now.getTime(), change));
  await store.commit([{ records, events }]);
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
