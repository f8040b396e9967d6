import type { ServerResponse } from 'node:http';
import { type EventFilter, isMeant } from '../../ledger/events/filter.ts';
import type { SentEvent } from './recent-events.ts';

/** Milliseconds in which a client must take what it was sent. */
const patience = 30_000;

/** What a watcher reads from: the events after an id, some at a time, none where there are no more. */
export interface EventSource {
  readonly last: number;
  after(id: number): Promise<readonly SentEvent[]> | readonly SentEvent[];
  /** Reports whether none of the events after an id is forgotten. */
  hasAllAfter(id: number): Promise<boolean>;
}

/** What a client watches, and until when it may. */
export interface Watch {
  readonly after: number;
  readonly filter: EventFilter;
  /** Asks again whether the token is good. */
  readonly isAllowed: () => Promise<boolean>;
}

/**
 * A client that watches. Nothing is queued for it: it knows the last event that it was sent, and is sent more
 * when its connection takes more. One that takes nothing for long is dropped, and resumes where it was.
 */
export class Watcher {
  readonly #response: ServerResponse;
  readonly #source: EventSource;
  readonly #watch: Watch;
  #sent: number;
  /** The last event that the client was told the id of. */
  #told: number;
  #isBusy = false;

  constructor(response: ServerResponse, source: EventSource, watch: Watch) {
    this.#response = response;
    this.#source = source;
    this.#watch = watch;
    this.#sent = watch.after;
    this.#told = watch.after;
  }

  /** Sends what there is; to be called when there is more. */
  pump(): void {
    if (!this.#isBusy) {
      this.#isBusy = true;
      // The store is away, or the client: it comes again with the id of the last event that it has.
      this.#send().catch(() => this.#response.destroy());
    }
  }

  /** A sign of life, so that neither proxies nor the client take the connection for dead. */
  async beat(): Promise<void> {
    if (!(await this.#watch.isAllowed())) {
      this.end();
    } else if (!this.#isBusy && this.#isOpen) {
      // An id alone is no event: it tells the client of events that its filter left out.
      const id = this.#sent > this.#told ? `id: ${this.#sent}\n` : '';
      this.#told = this.#sent;
      this.#response.write(`${id}: alive\n\n`);
    }
  }

  end(): void {
    this.#response.end();
  }

  async #send(): Promise<void> {
    try {
      while (this.#sent < this.#source.last && this.#isOpen && (await this.#sendSome())) {}
    } finally {
      // In one step with the last look for more: what came between the two would wait for the next event.
      this.#isBusy = false;
    }
  }

  get #isOpen(): boolean {
    return !this.#response.writableEnded && !this.#response.destroyed;
  }

  /** Sends the next events and waits until there is room for more; reports whether there were any. */
  async #sendSome(): Promise<boolean> {
    const events = await this.#source.after(this.#sent);
    const [first] = events;
    const last = events.at(-1);
    if (first === undefined || last === undefined) {
      return false;
    }
    // A restored ledger counts from a higher number on; only what was forgotten is missing.
    if (first.id !== this.#sent + 1 && !(await this.#source.hasAllAfter(this.#sent))) {
      throw new Error('the next event is forgotten');
    }
    const wanted = events.filter(({ event }) => isMeant(event, this.#watch.filter));
    this.#sent = last.id;
    this.#told = wanted.at(-1)?.id ?? this.#told;
    if (wanted.length > 0 && !this.#response.write(wanted.map(({ frame }) => frame).join(''))) {
      await this.#drained();
    }
    return true;
  }

  #drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the client takes nothing')), patience);
      const done = () => {
        clearTimeout(late);
        resolve();
      };
      this.#response.once('drain', done);
      this.#response.once('close', done);
    });
  }
}
