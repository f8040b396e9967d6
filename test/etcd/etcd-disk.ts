import { EtcdConnection } from '../../ipam-server/store/etcd/connection.ts';
import { Election, type Term } from '../../ipam-server/store/etcd/election.ts';
import { etcdPlace } from '../../ipam-server/store/etcd/endpoint.ts';
import { EtcdStore } from '../../ipam-server/store/etcd/etcd-store.ts';
import { Follower, type Warm } from '../../ipam-server/store/etcd/follower.ts';
import { History } from '../../ipam-server/store/etcd/history.ts';
import { currentKey } from '../../ipam-server/store/etcd/layout.ts';
import type { Inherited } from '../../ipam-server/store/keeper.ts';
import type { Disk } from '../server/model/disk.ts';
import type { EtcdGateway } from './etcd-gateway.ts';

/** Seconds of a lease: none ends by itself here, however busy the machine is. */
const ttl = 60;

/** Milliseconds that a follower may take on a busy machine. */
const patience = 60_000;

/** A ledger in etcd, which each process takes over from the one before: with what it had followed, not by reading. */
export class EtcdDisk implements Disk {
  readonly #prefix: string;
  readonly #connection: EtcdConnection;
  readonly #gateway: EtcdGateway;
  #term: Term | null = null;
  #store: EtcdStore | null = null;
  #follower: Follower | null = null;

  constructor(endpoints: string, prefix: string, gateway: EtcdGateway) {
    this.#prefix = prefix;
    this.#connection = new EtcdConnection(etcdPlace(endpoints, {}));
    this.#gateway = gateway;
  }

  get store(): EtcdStore {
    if (this.#store === null) {
      throw new Error('nobody has taken it over');
    }
    return this.#store;
  }

  async takeOver(): Promise<Inherited | null> {
    const follower = this.#follower;
    if (follower === null) {
      await this.#gateway.put(currentKey(this.#prefix), 'a');
    }
    await this.#term?.resign();
    this.#term = await new Election(this.#connection, this.#prefix, ttl).stand('a process');
    if (this.#term === null) {
      throw new Error('another leads');
    }
    this.#store = new EtcdStore(this.#prefix, this.#connection, this.#prefix, 'a', this.#term);
    const warm = follower && (await this.#upTo(follower, await this.#store.begin()));
    follower?.stop();
    this.#follower = new Follower(
      this.#connection,
      this.#prefix,
      {
        onLook: () => {},
        onError: (error) => {
          throw error;
        },
      },
      new History(),
    );
    return warm && { ledger: warm.ledger, ...this.#store.adopt(warm.large) };
  }

  readonly late = async (commit: () => Promise<void>): Promise<void> => {
    await expect(commit()).rejects.toMatchObject({ code: 'NOT_LEADING' });
  };

  /** Ends the use of it. */
  async close(): Promise<void> {
    this.#follower?.stop();
    await this.#term?.resign();
    this.#connection.close();
  }

  async #upTo(follower: Follower, revision: string): Promise<Warm> {
    const warm = await follower.at(revision, patience);
    if (warm === null) {
      throw new Error(`nothing was followed up to revision ${revision}`);
    }
    return warm;
  }
}
