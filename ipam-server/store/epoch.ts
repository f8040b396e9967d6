import { changesOf } from '../ledger/events/changes.ts';
import { byServer, eventWriter } from '../ledger/events/event.ts';
import { epochOf } from '../ledger/nodes/epoch.ts';
import type { Ledger } from '../ledger/state/ledger.ts';
import { keyOf, type Write } from '../ledger/state/record.ts';
import { movedRecord } from './moved.ts';
import type { Store } from './store.ts';

/** What a store holds, as far as a new epoch goes on from it. */
export interface Past {
  readonly ledger: Ledger;
  readonly lastEvent: number;
  /** Where the ledger was moved to; null for one that counts. */
  readonly movedTo: string | null;
  /** The highest epoch that it is known to have had, where that is not its own any more. */
  readonly epoch?: number;
}

/**
 * What each epoch may count: revisions, generations and events of a restored ledger are higher than any that the
 * lost one has given since the backup, so that a late release of then frees nothing of now.
 */
const perEpoch = 2 ** 40;

/**
 * Begins a new life of a ledger: nothing is given until every node that it knows has said what lives there.
 *
 * @param past the ledger is changed as well
 * @param why what came between, in a few words
 * @returns the highest id of an event from now on
 * @throws Problem STORE_*
 */
export async function beginEpoch(store: Store, past: Past, why: string, now: Date): Promise<number> {
  const { ledger, lastEvent, movedTo, epoch = epochOf(ledger) } = past;
  const writes = newEpoch(ledger, epoch, why, now);
  const first = epoch * perEpoch;
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
  for (const each of writes) {
    ledger.apply(each);
  }
  return events.at(-1)?.id ?? lastEvent;
}

function newEpoch(ledger: Ledger, before: number, why: string, now: Date): Write[] {
  const record = {
    value: before + 1,
    at: now.getTime(),
    why,
    waitingFor: [...ledger.nodes.keys()],
  };
  const value = Math.max(before * perEpoch, ledger.sequence);
  return [
    { kind: 'meta', name: 'sequence', record: { value } },
    { kind: 'epoch', name: 'current', record },
  ];
}
