import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { Ledger } from '../ledger/state/ledger.ts';
import { Loading } from '../store/load.ts';
import type { SqliteStore } from '../store/sqlite.ts';

/** What a ledger holds, in numbers. */
export interface Findings {
  readonly ledger: Ledger;
  readonly events: number;
  readonly lastEvent: number;
}

const eventsAtOnce = 5_000;

/**
 * Looks at every page, record and event of a store: pages are whole, records decode and fit together, no address
 * is held twice, nothing is younger than the ledger's own count.
 *
 * @throws Problem STORE_DAMAGED, saying what does not hold
 */
export async function examine(store: SqliteStore): Promise<Findings> {
  await store.check();
  const loading = new Loading();
  const { lastEvent } = await store.load((part) => loading.take(part));
  const ledger = loading.finish(Date.now());
  checkAllocations(ledger);
  return { ledger, events: await examineEvents(store), lastEvent };
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

async function examineEvents(store: SqliteStore): Promise<number> {
  let count = 0;
  for (let after = 0; ; ) {
    const events = await store.events({ after, limit: eventsAtOnce });
    for (const { id, text } of events) {
      checkEvent(id, text);
      after = id;
    }
    count += events.length;
    if (events.length < eventsAtOnce) {
      return count;
    }
  }
}

function checkEvent(id: number, text: string): void {
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
export function describeFindings({ ledger, events, lastEvent }: Findings): string {
  const lines: [what: string, count: number][] = [
    ['zones', ledger.zones.size],
    ['subnets', ledger.networks.size],
    ['ranges', ledger.ranges.size],
    ['nodes', ledger.nodes.size],
    ['allocations', ledger.holders.size],
    ['allocated addresses', ledger.holders.addressCount],
    ['released addresses', [...ledger.allReleased()].length],
    ['contested addresses', [...ledger.allContested()].length],
    ['events', events],
    ['last event', lastEvent],
    ['sequence', ledger.sequence],
    ['epoch', ledger.epoch?.value ?? 1],
  ];
  return lines.map(([what, count]) => `${what.padEnd(20)} ${count}\n`).join('');
}
