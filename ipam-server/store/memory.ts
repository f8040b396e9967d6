import { Problem } from '../../core/problem/problem.ts';
import {
  type Commit,
  type EventQuery,
  merged,
  type Store,
  type StoredEvent,
  type TakePart,
} from './store.ts';

/** A store that forgets with its process: for trials and tests. */
export class MemoryStore implements Store {
  readonly name = 'memory';
  readonly copyStem = null;
  readonly isCurrent = true;
  readonly isOnlyRead = false;
  readonly #records = new Map<string, string>();
  #events: StoredEvent[] = [];

  async load(take: TakePart): Promise<{ readonly lastEvent: number }> {
    await take([...this.#records]);
    return { lastEvent: this.#events.at(-1)?.id ?? 0 };
  }

  async commit(commits: readonly Commit[]): Promise<void> {
    const { records, events } = merged(commits);
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

  async check(): Promise<void> {}

  async close(): Promise<void> {}
}
