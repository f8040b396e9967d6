import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import { epochOf } from '../../ledger/nodes/epoch.ts';
import { beginEpoch } from '../epoch.ts';
import type { Inherited } from '../keeper.ts';
import { Loading } from '../load.ts';
import type { EtcdConnection } from './connection.ts';
import { Election, type ElectionDoors, type Term } from './election.ts';
import { EtcdStore } from './etcd-store.ts';
import { Follower } from './follower.ts';
import { History, reached } from './history.ts';
import { currentKey, leaderKey } from './layout.ts';
import type { TransactionResponse } from './messages.ts';

/** Who is told of the turns of one server's life. */
export interface SuccessionDoors extends ElectionDoors {
  /** This server leads from now on. */
  readonly lead: (store: EtcdStore, inherited: Inherited | null) => Promise<void>;
  /** It doesn't any more, and nothing that it knew counts. */
  readonly follow: (reason: string) => Promise<void>;
}

/** Milliseconds that a new leader waits for what it has followed, before it reads all anew. */
const patience = 2_000;

/** Milliseconds before a server that could not lead stands again. */
const pause = 2_000;

/** Follows, leads, and follows again: the life of one of several servers of a ledger in etcd. */
export class Succession {
  readonly #connection: EtcdConnection;
  readonly #prefix: string;
  readonly #name: string;
  #claim: string;
  /** The claim that stands in etcd when this server leads. */
  #declared = '';
  #term: Term | null = null;
  #follower: Follower | null = null;
  readonly #doors: SuccessionDoors;
  readonly #history = new History();
  readonly #stop = new AbortController();
  readonly #stopped: Promise<string>;

  /** @param claim what other servers are told of this one when it leads */
  constructor(
    connection: EtcdConnection,
    prefix: string,
    name: string,
    claim: string,
    doors: SuccessionDoors,
  ) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#name = name;
    this.#claim = claim;
    this.#doors = doors;
    this.#stopped = new Promise((resolve) => {
      const told = () => resolve('the server is stopping');
      this.#stop.signal.addEventListener('abort', told, { once: true });
    });
  }

  /** Goes on until `stop`. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const follower = new Follower(this.#connection, this.#prefix, this.#doors, this.#history);
      this.#follower = follower;
      const term = await new Election(this.#connection, this.#prefix).win(
        () => {
          this.#declared = this.#claim;
          return this.#claim;
        },
        this.#stop.signal,
        this.#doors,
        // A lease would end while a large ledger is read, again and again. What can't be read the leader mends, or tells.
        () => !follower.isReading,
      );
      if (term !== null) {
        this.#term = term;
        void this.#tell(term);
        await this.#reign(term, follower);
        this.#term = null;
      }
      follower.stop();
    }
  }

  /** Reports whether the ledger is at hand for the next leader, as far as is known. */
  get isWarm(): boolean {
    return this.#follower?.isWarm ?? false;
  }

  /** Tells other servers something else of this one, as long as it leads: until etcd has taken it. */
  declare(claim: string): void {
    this.#claim = claim;
    if (this.#term !== null) {
      void this.#tell(this.#term);
    }
  }

  async #tell(term: Term): Promise<void> {
    while (this.#declared !== this.#claim && this.#term === term) {
      const claim = this.#claim;
      try {
        await term.declare(claim);
        this.#declared = claim;
      } catch (error) {
        this.#doors.onError(error);
        await sleep(pause, undefined, { ref: false });
      }
    }
  }

  /** Lets another lead at once, if this server does. */
  stop(): void {
    this.#stop.abort();
  }

  async #reign(term: Term, follower: Follower): Promise<void> {
    let reason: string;
    let isFailed = false;
    try {
      const ledger = await this.#current(term);
      const before = this.#history.last;
      const now = await reached(this.#connection, this.#prefix, ledger);
      this.#history.compare(before, now);
      this.#history.saw(now);
      const store = new EtcdStore(this.#name, this.#connection, this.#prefix, ledger, term);
      const inherited = await this.#inherit(store, ledger, follower);
      await this.#doors.lead(
        store,
        this.#history.isPutBack ? await this.#renew(store, ledger, inherited) : inherited,
      );
      reason = await Promise.race([term.lost, this.#stopped]);
      this.#history.saw({ ...now, ...store.made, epoch: 0 });
    } catch (error) {
      this.#doors.onError(error);
      reason = reasonOf(error);
      isFailed = true;
    }
    await this.#doors.follow(reason);
    await term.resign().catch(() => {});
    if (isFailed) {
      // Another server may do better with this ledger.
      await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  async #inherit(store: EtcdStore, ledger: string, follower: Follower): Promise<Inherited | null> {
    const warm = await follower.at(await store.begin(), patience);
    // From here on the ledger is written here; what was written would come once more, and late.
    follower.stop();
    // An etcd that was put back to an earlier state has another history than the one that was followed.
    const isOfThis = warm?.name === ledger && warm.lastTransaction === store.lastTransaction;
    return isOfThis ? { ledger: warm.ledger, ...store.adopt(warm.large) } : null;
  }

  /** What was given since the state that etcd is in now lives on, unknown: the nodes are asked before anything is given. */
  async #renew(store: EtcdStore, name: string, inherited: Inherited | null): Promise<Inherited> {
    const { ledger, lastEvent } = inherited ?? (await read(store));
    const past = { ledger, lastEvent, movedTo: null, epoch: Math.max(this.#history.epoch, epochOf(ledger)) };
    const begun = await beginEpoch(store, past, 'etcd was put back to an earlier state', new Date());
    const { count, id } = store.made;
    this.#history.renewed({ ledger: name, count, id, epoch: epochOf(ledger) });
    const detail = `etcd was put back: the ledger begins epoch ${epochOf(ledger)} and waits for ${ledger.nodes.size} nodes`;
    this.#doors.onError(new Problem('STORE_PUT_BACK', detail));
    return { ledger, lastEvent: begun };
  }

  /** Which ledger is served; a new one where there is none, and was none before. @throws Problem STORE_* */
  async #current(term: Term): Promise<string> {
    const key = currentKey(this.#prefix);
    const begin = { request_put: { key, value: randomUUID() } };
    const look = { request_range: { key } };
    const answer = await this.#connection.call<TransactionResponse>('KV', 'Txn', {
      compare: [
        { result: 0, target: 1, key: leaderKey(this.#prefix), create_revision: term.revision },
        { result: 0, target: 1, key, create_revision: '0' },
      ],
      success: this.#history.last === null ? [begin, look] : [look],
      failure: [look],
    });
    const found = answer.responses
      .map((each) => each.response_range?.kvs[0])
      .find((each) => each !== undefined);
    if (found === undefined && answer.succeeded) {
      throw new Problem('STORE_DAMAGED', `etcd: the ledger under ${this.#prefix} is gone as a whole`);
    }
    if (found === undefined) {
      throw new Problem('NOT_LEADING', 'another server leads by now');
    }
    return found.value;
  }
}

/** The ledger as it was written: who takes it over judges its times by his clock. */
async function read(store: EtcdStore): Promise<Inherited> {
  const loading = new Loading();
  const { lastEvent } = await store.load((part) => loading.take(part));
  return { ledger: loading.finish(Number.POSITIVE_INFINITY), lastEvent };
}
