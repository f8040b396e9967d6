import type { LedgerEvent } from '../../../schema/event.ts';
import type { StoredEvent } from '../../store/store.ts';

/** An event as watchers are sent it, made once for all of them. */
export class SentEvent {
  readonly id: number;
  /** As server-sent events are written: without a type, so that a client’s `onmessage` hears it. */
  readonly frame: string;
  readonly #text: string;
  #event: LedgerEvent | undefined;

  constructor({ id, text }: StoredEvent) {
    this.id = id;
    this.#text = text;
    this.frame = `id: ${id}\ndata: ${text}\n\n`;
  }

  get event(): LedgerEvent {
    this.#event ??= JSON.parse(this.#text) as LedgerEvent;
    return this.#event;
  }
}

/** So many are kept: a watcher that lags further behind reads the store. */
const kept = 4096;

/** The newest durable events, without a gap. */
export class RecentEvents {
  #events: SentEvent[] = [];

  add(events: readonly StoredEvent[]): void {
    const [first] = events;
    const last = this.#events.at(-1);
    if (last !== undefined && first !== undefined && first.id !== last.id + 1) {
      this.#events = [];
    }
    for (const event of events) {
      this.#events.push(new SentEvent(event));
    }
    // Not one by one: each cut moves all that stays.
    if (this.#events.length > 2 * kept) {
      this.#events = this.#events.slice(-kept);
    }
  }

  forget(): void {
    this.#events = [];
  }

  /** Some of the events after an id, or null when the next one is not among these. */
  after(id: number, limit: number): readonly SentEvent[] | null {
    const [first] = this.#events;
    const start = first === undefined ? -1 : id + 1 - first.id;
    return this.#events[start] === undefined ? null : this.#events.slice(start, start + limit);
  }
}
