import { hostname } from 'node:os';
import { Problem } from '../../core/problem/problem.ts';
import { parseClaim } from '../seat/claim.ts';
import { EtcdConnection, type Patience } from '../store/etcd/connection.ts';
import { Election, type Term } from '../store/etcd/election.ts';
import { defaultPrefix, type EtcdPlace } from '../store/etcd/endpoint.ts';
import { EtcdStore } from '../store/etcd/etcd-store.ts';
import { reached } from '../store/etcd/history.ts';
import { layoutOf } from '../store/etcd/layout.ts';
import { EtcdLedgers } from '../store/etcd/ledgers.ts';
import { reach } from '../store/etcd/reach.ts';
import type { Store } from '../store/store.ts';
import type { LedgerPlace, OpenLedger, Successor } from './place.ts';

/** Seconds that a command is believed to be at work without a word: it may count and compare for some of them. */
const ttl = 10;

/** Milliseconds. Nobody waits for a command, and what it has done so far is lost if it gives up. */
const patience: Patience = { turn: 10_000, all: 60_000 };

/** etcd while this command leads. */
interface Hold {
  readonly name: string;
  readonly connection: EtcdConnection;
  readonly place: EtcdPlace;
  readonly term: Term;
  readonly worker: URL;
  readonly release: () => Promise<void>;
}

/** A ledger in etcd. */
export class EtcdLedgerPlace implements LedgerPlace {
  readonly name: string;
  readonly #place: EtcdPlace;
  readonly #worker: URL;

  /**
   * @param store as `--store` names it
   * @param worker the built sqlite-worker.js
   */
  constructor(store: string, place: EtcdPlace, worker: URL) {
    const { prefix } = place;
    this.name = prefix === defaultPrefix ? store : `${store} --etcd-prefix ${prefix}`;
    this.#place = place;
    this.#worker = worker;
  }

  async open(): Promise<OpenLedger> {
    const hold = await this.#hold();
    try {
      const ledger = await ledgersOf(hold).current();
      if (ledger === null) {
        throw new Problem('STORE_MISSING', `${this.name} has no ledger`);
      }
      const store = storeOf(hold, ledger);
      await store.begin();
      return {
        store,
        end: async () => {
          await store.close();
          await hold.release();
        },
      };
    } catch (error) {
      await hold.release();
      throw error;
    }
  }

  async succeed(): Promise<Successor> {
    const hold = await this.#hold();
    try {
      return new EtcdSuccessor(hold, await ledgersOf(hold).begin());
    } catch (error) {
      await hold.release();
      throw error;
    }
  }

  /** @throws Problem STORE_IN_USE, naming who leads */
  async #hold(): Promise<Hold> {
    const { name } = this;
    const [place, worker] = [this.#place, this.#worker];
    const connection = new EtcdConnection(place, patience);
    try {
      await reach(connection, place.prefix);
      const election = new Election(connection, place.prefix, ttl);
      let leader = null as string | null;
      const term = await election.stand(
        `offline: a command, process ${process.pid} of ${hostname()}`,
        (claim) => {
          leader = claim;
        },
      );
      if (term === null) {
        // A claim holds a secret as well.
        const who = parseClaim(leader ?? '')?.url ?? leader ?? 'another';
        throw new Problem('STORE_IN_USE', `${name}: ${who} leads`);
      }
      const release = async () => {
        await term.resign().catch(() => {});
        connection.close();
      };
      return { name, connection, place, term, worker, release };
    } catch (error) {
      connection.close();
      throw error;
    }
  }
}

function storeOf({ name, connection, place, term, worker }: Hold, ledger: string): EtcdStore {
  return new EtcdStore(name, connection, place.prefix, ledger, term, worker);
}

function ledgersOf({ connection, place, term }: Hold): EtcdLedgers {
  return new EtcdLedgers(connection, place.prefix, term);
}

class EtcdSuccessor implements Successor {
  readonly store: EtcdStore;
  readonly #hold: Hold;
  readonly #fresh: string;

  constructor(hold: Hold, fresh: string) {
    this.#hold = hold;
    this.#fresh = fresh;
    this.store = storeOf(hold, fresh);
  }

  async predecessor(): Promise<Store | null> {
    const ledger = await ledgersOf(this.#hold).current();
    return ledger === null ? null : storeOf(this.#hold, ledger);
  }

  async epoch(): Promise<number> {
    const { connection, place } = this.#hold;
    try {
      const ledger = await ledgersOf(this.#hold).current();
      return ledger === null ? 1 : (await reached(connection, place.prefix, ledger)).epoch;
    } catch (error) {
      if (error instanceof Problem && ['STORE_DAMAGED', 'STORE_TOO_NEW'].includes(error.code)) {
        return 1;
      }
      throw error;
    }
  }

  async confirm(): Promise<void> {
    // It writes, and so proves that nobody else leads.
    await this.store.begin();
  }

  async putInPlace(isKept: boolean): Promise<string | null> {
    const ledgers = ledgersOf(this.#hold);
    const before = await ledgers.current();
    await ledgers.putInPlace(this.#fresh, isKept);
    if (!isKept || before === null) {
      return null;
    }
    const { root } = layoutOf(this.#hold.place.prefix, before);
    return `The ledger that was there is kept under ${root} until the next one is put aside; \`etcdctl del --prefix ${root}\` removes it.`;
  }

  async end(): Promise<void> {
    await this.store.close();
    // What can't be removed now is by the next attempt.
    await ledgersOf(this.#hold)
      .sweep()
      .catch(() => {});
    await this.#hold.release();
  }
}
