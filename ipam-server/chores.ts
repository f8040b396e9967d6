import type { Logger } from 'winston';
import { BlockReturns } from './block-returns.ts';
import type { NodeKeeper } from './kube/node-keeper.ts';
import { byServer } from './ledger/events/event.ts';
import { expireReserves } from './ledger/nodes/expire.ts';
import { Retention } from './retention.ts';
import { SilenceWatch } from './silence-watch.ts';
import type { Keeper } from './store/keeper.ts';

/** What the flags say of them, in milliseconds. */
interface ChoreFlags {
  readonly retention: number;
  readonly fenceSilentAfter?: number;
}

/** Milliseconds between two looks. */
const every = { expiry: 60_000, upkeep: 1_000 };

/** What a server does although nobody calls; all of it waits while the ledger can't be changed from here. */
export class Chores {
  readonly #keeper: Keeper;
  readonly #log: Logger;
  readonly #others: readonly { start(): void; stop(): void }[];
  #timers: NodeJS.Timeout[] = [];

  /** @param nodes null where the cluster's nodes aren't kept */
  constructor(keeper: Keeper, log: Logger, flags: ChoreFlags, nodes: NodeKeeper | null) {
    this.#keeper = keeper;
    this.#log = log;
    this.#others = [
      new Retention(keeper, flags.retention, log),
      new BlockReturns(keeper, log),
      ...(flags.fenceSilentAfter === undefined
        ? []
        : [new SilenceWatch(keeper, flags.fenceSilentAfter, log)]),
      ...(nodes === null ? [] : [nodes]),
    ];
  }

  start(): void {
    // Watchers are told of what ends by itself also while nobody calls.
    const upkeep = () => void this.#keeper.keepUp().catch(() => {});
    this.#timers = [setInterval(() => void this.#expire(), every.expiry), setInterval(upkeep, every.upkeep)];
    for (const each of this.#others) {
      each.start();
    }
  }

  stop(): void {
    this.#timers.forEach(clearInterval);
    for (const each of this.#others) {
      each.stop();
    }
  }

  async #expire(): Promise<void> {
    try {
      const addresses = await this.#keeper.apply((ledger, { now }) => expireReserves(ledger, now), byServer);
      if (addresses.length > 0) {
        this.#log.warn('reserves have expired', { addresses });
      }
    } catch {
      // The store’s failures are logged where they happen; the next time will do.
    }
  }
}
