import type { ServerResponse } from 'node:http';
import { Problem } from '../../../core/problem/problem.ts';
import type { Keeper } from '../../store/keeper.ts';
import type { StoredEvent } from '../../store/store.ts';
import { RecentEvents, SentEvent } from './recent-events.ts';
import { type EventSource, type Watch, Watcher } from './watcher.ts';

/** So many clients may watch at once. */
const most = 256;
/** Events that a watcher is sent at once. */
const partSize = 500;
/** Milliseconds between two signs of life. */
const pulse = 15_000;

/** The clients that watch, and the events that they are sent: only durable ones, in order, none left out. */
export class Watchers {
  readonly #open = new Set<Watcher>();
  readonly #recent = new RecentEvents();
  #last = 0;
  #isClosed = false;
  #timer: NodeJS.Timeout | null = null;

  /** How many watch. */
  get size(): number {
    return this.#open.size;
  }

  /** The newest durable event. */
  get last(): number {
    return this.#last;
  }

  /** Takes in that all events up to an id are durable, and the newest of them. */
  take(last: number, events: readonly StoredEvent[]): void {
    this.#last = last;
    if (this.#open.size === 0) {
      this.#recent.forget();
      return;
    }
    this.#recent.add(events);
    for (const watcher of this.#open) {
      watcher.pump();
    }
  }

  /** @throws Problem WATCHES_EXHAUSTED, SHUTTING_DOWN */
  check(): void {
    if (this.#isClosed) {
      throw new Problem('SHUTTING_DOWN', 'the server is stopping');
    }
    if (this.#open.size >= most) {
      throw new Problem('WATCHES_EXHAUSTED', `${most} clients watch already`);
    }
  }

  /** Sends a client the events after an id, from now until it goes, or `close`. */
  add(response: ServerResponse, keeper: Keeper, watch: Watch): void {
    const watcher = new Watcher(response, this.#sourceOf(keeper), watch);
    this.#open.add(watcher);
    response.once('close', () => this.#remove(watcher));
    this.#timer ??= setInterval(() => this.#beat(), pulse).unref();
    watcher.pump();
  }

  /** Ends all watches for good. */
  close(): void {
    this.#isClosed = true;
    this.end();
  }

  /** Ends all watches, in order: no client takes it for a failure, and each goes on where its server is. */
  end(): void {
    this.#recent.forget();
    for (const watcher of this.#open) {
      watcher.end();
    }
  }

  #sourceOf(keeper: Keeper): EventSource {
    const recent = this.#recent;
    const last = () => this.#last;
    return {
      get last() {
        return last();
      },
      after: (id) =>
        recent.after(id, partSize) ??
        keeper
          .events({ after: id, limit: partSize })
          .then((events) => events.map((event) => new SentEvent(event))),
      hasAllAfter: (id) => keeper.hasEventsAfter(id),
    };
  }

  #remove(watcher: Watcher): void {
    this.#open.delete(watcher);
    if (this.#open.size === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  #beat(): void {
    for (const watcher of this.#open) {
      void watcher.beat();
    }
  }
}
