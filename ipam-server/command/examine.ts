import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { Ledger } from '../ledger/state/ledger.ts';
import { eventsOf } from '../store/copy-ledger.ts';
import type { Past } from '../store/epoch.ts';
import { Fingerprint } from '../store/fingerprint.ts';
import { Loading } from '../store/load.ts';
import { movedTo } from '../store/moved.ts';
import type { Store, StoredEvent } from '../store/store.ts';

/** What a ledger holds, in numbers. */
export interface Findings extends Past {
  /** Of its records and events, in whichever store. */
  readonly fingerprint: Fingerprint;
}

/**
 * Looks at every page, record and event of a store: pages are whole, records decode and fit together, no address
 * is held twice, nothing is younger than the ledger's own count.
 *
 * @throws Problem STORE_DAMAGED, saying what does not hold
 */
export async function examine(store: Store): Promise<Findings> {
  await store.check();
  const loading = new Loading();
  const fingerprint = new Fingerprint();
  let moved: string | null = null;
  const { lastEvent } = await store.load((part) => {
    const records = part.filter(([key]) => movedTo(key) === null);
    moved ??= part.map(([key]) => movedTo(key)).find((to) => to !== null) ?? null;
    for (const entry of records) {
      fingerprint.addRecord(entry);
    }
    loading.take(records);
  });
  const ledger = loading.finish(Date.now());
  checkAllocations(ledger);
  for await (const events of eventsOf(store)) {
    for (const event of events) {
      checkEvent(event);
      fingerprint.addEvent(event);
    }
  }
  return { ledger, lastEvent, fingerprint, movedTo: moved };
}

function checkAllocations(ledger: Ledger): void {
  for (const record of ledger.holders.all()) {
    const name = `allocation ${record.network}/${record.containerId}/${record.ifname}`;
    if (record.generation > ledger.sequence) {
      const detail = `${name} has generation ${record.generation}, the ledger has counted to ${ledger.sequence}`;
      throw new Problem('STORE_DAMAGED', detail);
    }
    for (const { address, subnet } of record.ips) {
      if (!ledger.networks.has(subnet)) {
        throw new Problem(
          'STORE_DAMAGED',
          `${name} has ${address} of subnet ${subnet}, which does not exist`,
        );
      }
    }
  }
}

function checkEvent({ id, text }: StoredEvent): void {
  try {
    if (JSON.parse(text).id === id) {
      return;
    }
  } catch (error) {
    throw new Problem('STORE_DAMAGED', `event ${id} is not JSON: ${reasonOf(error)}`, {}, error);
  }
  throw new Problem('STORE_DAMAGED', `event ${id} has another id in its text`);
}

/** The findings in words, a line a kind. */
export function describeFindings({ ledger, lastEvent, fingerprint, movedTo }: Findings): string {
  const lines: [what: string, found: number | string][] = [
    ['zones', ledger.zones.size],
    ['subnets', ledger.networks.size],
    ['ranges', ledger.ranges.size],
    ['nodes', ledger.nodes.size],
    ['allocations', ledger.holders.size],
    ['allocated addresses', ledger.holders.addressCount],
    ['released addresses', [...ledger.allReleased()].length],
    ['contested addresses', [...ledger.allContested()].length],
    ['events', fingerprint.events],
    ['last event', lastEvent],
    ['sequence', ledger.sequence],
    ['epoch', ledger.epoch?.value ?? 1],
    ['fingerprint', fingerprint.text],
    ...(movedTo === null ? [] : [['moved to', movedTo] satisfies [string, string]]),
  ];
  return lines.map(([what, found]) => `${what.padEnd(20)} ${found}\n`).join('');
}
