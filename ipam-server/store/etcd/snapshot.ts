import { randomUUID } from 'node:crypto';
import type { EventQuery, StoredEvent, TakePart } from '../store.ts';
import type { EtcdConnection } from './connection.ts';
import { EtcdEvents } from './etcd-events.ts';
import { LargeValues } from './large-values.ts';
import type { Layout } from './layout.ts';
import { readRecords } from './records.ts';

/** A ledger as it was at one revision, while it is written on; readable until etcd compacts it. */
export class Snapshot {
  readonly #connection: EtcdConnection;
  readonly #layout: Layout;
  readonly #revision: string;
  readonly #events: EtcdEvents;

  constructor(connection: EtcdConnection, layout: Layout, revision: string) {
    this.#connection = connection;
    this.#layout = layout;
    this.#revision = revision;
    this.#events = new EtcdEvents(connection, layout, revision);
  }

  /** As a store's; @throws Problem STORE_UNAVAILABLE, also when etcd has compacted the revision */
  async load(take: TakePart): Promise<void> {
    const large = new LargeValues(randomUUID);
    await readRecords(this.#connection, this.#layout, (part) => take(large.wholeOf(part)), this.#revision);
  }

  events(query: EventQuery): Promise<readonly StoredEvent[]> {
    return this.#events.find(query);
  }
}
