import { ServerClock } from './clock.ts';
import type { SelfRecord, Write } from './record.ts';
import type { Table } from './table.ts';

/** Takes the records of one change: all of them or none are kept. */
export type OnChange = (writes: readonly Write[]) => unknown;

/** The agent's records, its clock, and who keeps what changes. */
export class Book {
  readonly table: Table;
  readonly clock: ServerClock;
  readonly #onChange: OnChange;

  constructor(table: Table, now: number, onChange: OnChange) {
    const { ahead = 0 } = table.self;
    this.table = table;
    this.clock = new ServerClock(now, ahead, seenIn(table));
    this.#onChange = onChange;
  }

  /** Keeps a change, then makes it: what couldn't be kept hasn't happened. */
  commit(writes: readonly Write[]): void {
    if (writes.length === 0) {
      return;
    }
    this.#onChange(writes);
    for (const write of writes) {
      this.table.apply(write);
    }
  }

  /** The agent's own record with something changed. */
  self(change: Partial<SelfRecord>): Write {
    return { kind: 'self', record: { ...this.table.self, ...change } };
  }
}

/** The latest time that records name, by this node's clock. */
function seenIn({ self, warm, stays }: Table): number {
  let seen = Math.max(self.heardAt ?? 0, self.syncedAt ?? 0);
  for (const { checkedAt = 0 } of warm.values()) {
    seen = Math.max(seen, checkedAt);
  }
  for (const { at, endedAt = 0 } of stays.values()) {
    seen = Math.max(seen, at, endedAt);
  }
  return seen;
}
