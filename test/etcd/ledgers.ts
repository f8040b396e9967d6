import { EtcdConnection } from '../../ipam-server/store/etcd/connection.ts';
import { Election, type Term } from '../../ipam-server/store/etcd/election.ts';
import { etcdPlace } from '../../ipam-server/store/etcd/endpoint.ts';
import { EtcdStore } from '../../ipam-server/store/etcd/etcd-store.ts';

/** Stores on one etcd, each with its own prefix and term. */
export class Ledgers {
  readonly #connection: EtcdConnection;
  readonly #terms: Term[] = [];
  #count = 0;

  constructor(url: string) {
    this.#connection = new EtcdConnection(etcdPlace(url, {}));
  }

  open(): Promise<EtcdStore> {
    return this.#lead(`/test-${++this.#count}/`);
  }

  async reopen(store: EtcdStore): Promise<EtcdStore> {
    await store.close();
    await this.#terms.pop()?.resign();
    return this.#lead(store.name);
  }

  async end(): Promise<void> {
    await Promise.all(this.#terms.map((term) => term.resign()));
    this.#connection.close();
  }

  async #lead(prefix: string): Promise<EtcdStore> {
    const term = await new Election(this.#connection, prefix).stand('a test');
    if (term === null) {
      throw new Error('another leads');
    }
    this.#terms.push(term);
    return new EtcdStore(prefix, this.#connection, prefix, 'a', term);
  }
}
