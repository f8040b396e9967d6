import type { Logger } from 'winston';
import { reasonOf } from '../core/problem/problem.ts';
import { giveBackBlocks } from './ledger/auto/give-back.ts';
import { byServer } from './ledger/events/event.ts';
import type { Keeper } from './store/keeper.ts';

/** Takes blocks back, every minute, that subnets with `autoRange` made and their nodes need no more. */
export class BlockReturns {
  readonly #keeper: Keeper;
  readonly #log: Logger;
  readonly #pause: number;
  #timer: NodeJS.Timeout | null = null;

  /** @param pause milliseconds between two looks */
  constructor(keeper: Keeper, log: Logger, pause = 60_000) {
    this.#keeper = keeper;
    this.#log = log;
    this.#pause = pause;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), this.#pause);
  }

  stop(): void {
    if (this.#timer !== null) {
      clearInterval(this.#timer);
    }
  }

  async #look(): Promise<void> {
    // While the store fails, calls hear of it; what is spare waits for the next minute.
    if (this.#keeper.trouble !== null) {
      return;
    }
    try {
      const count = await this.#keeper.apply((ledger, { now }) => giveBackBlocks(ledger, now), byServer);
      if (count > 0) {
        this.#log.info('blocks went back', { count });
      }
    } catch (error) {
      this.#log.error('blocks could not go back', { reason: reasonOf(error) });
    }
  }
}
