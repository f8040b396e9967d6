import { Problem } from '../../core/problem/problem.ts';
import type { Commit, Entry, EventQuery, Store, StoredEvent } from './store.ts';

/** A store that forgets with its process: for trials and tests. */
export class MemoryStore implements Store {
  readonly name = 'memory';
  readonly file = null;
  readonly #records = new Map<string, string>();
  #events: StoredEvent[] = [];

  async load(take: (part: readonly Entry[]) => void): Promise<{ readonly lastEvent: number }> {
    take([...this.#records]);
    return { lastEvent: this.#events.at(-1)?.id ?? 0 };
  }

  async commit({ records, events }: Commit): Promise<void> {
    for (const [key, value] of records) {
      if (value === null) {
        this.#records.delete(key);
      } else {
        this.#records.set(key, value);
      }
    }
    this.#events.push(...events);
  }

  async events({ after, limit, address }: EventQuery): Promise<readonly StoredEvent[]> {
    const isWanted = (event: StoredEvent) => address === undefined || event.addresses.includes(address);
    return this.#events.filter((event) => event.id > after && isWanted(event)).slice(0, limit);
  }

  async oldestEvent(): Promise<number> {
    return this.#events[0]?.id ?? 0;
  }

  async forgetEvents(before: number): Promise<void> {
    const last = this.#events.findLastIndex((event) => event.time < before);
    this.#events.splice(0, Math.min(last + 1, this.#events.length - 1));
  }

  async backup(): Promise<void> {
    throw new Problem('BACKUP_IMPOSSIBLE', 'the ledger is in memory only');
  }

  async close(): Promise<void> {}
}
