import type { Logger } from 'winston';
import { reasonOf } from '../core/problem/problem.ts';
import { byServer } from './ledger/events/event.ts';
import { forgetKeys } from './ledger/upkeep/idempotency.ts';
import type { Keeper } from './store/keeper.ts';

/** Milliseconds between two looks for what is too old. */
const pause = 3_600_000;
/** Keys that go in one commit. */
const keysAtOnce = 500;

/** Forgets what is older than it is kept for, now and every hour; `stop` ends it. */
export class Retention {
  readonly #keeper: Keeper;
  readonly #log: Logger;
  readonly #events: number;
  #timer: NodeJS.Timeout | null = null;

  /** @param events milliseconds that events are kept */
  constructor(keeper: Keeper, events: number, log: Logger) {
    this.#keeper = keeper;
    this.#events = events;
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#run(), pause).unref();
    void this.#run();
  }

  stop(): void {
    if (this.#timer !== null) {
      clearInterval(this.#timer);
    }
  }

  async #run(): Promise<void> {
    if (this.#keeper.trouble !== null) {
      return;
    }
    try {
      await this.#keeper.forgetEvents(Date.now() - this.#events);
      let forgotten: number;
      do {
        forgotten = await this.#keeper.apply(
          (ledger, { now }) => forgetKeys(ledger, now, keysAtOnce),
          byServer,
        );
      } while (forgotten === keysAtOnce);
    } catch (error) {
      // The next hour tries again; a store that fails is told by its own line.
      this.#log.warn('what is too old was not forgotten', { reason: reasonOf(error) });
    }
  }
}
