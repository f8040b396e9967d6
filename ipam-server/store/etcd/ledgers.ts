import { randomUUID } from 'node:crypto';
import { Problem } from '../../../core/problem/problem.ts';
import type { EtcdConnection } from './connection.ts';
import type { Term } from './election.ts';
import { afterAll, asideKey, currentKey, layoutOf, leaderKey } from './layout.ts';
import type { Compare, Operation, RangeResponse, TransactionResponse } from './messages.ts';

/** Keys that go in one transaction, so that nothing else in etcd waits long. */
const page = 1_000;

/** What names a ledger: by it ledgers are told from whatever else is under a prefix. */
const isName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The ledgers under a prefix, as who leads may change them: one is served, the one before it is kept aside, and any
 * other is what an interrupted attempt has left.
 */
export class EtcdLedgers {
  readonly #connection: EtcdConnection;
  readonly #prefix: string;
  readonly #term: Term;

  constructor(connection: EtcdConnection, prefix: string, term: Term) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#term = term;
  }

  /** The name of the ledger that is served; null while there is none. @throws Problem STORE_UNAVAILABLE */
  current(): Promise<string | null> {
    return this.#value(currentKey(this.#prefix));
  }

  /** A name for another ledger; removes what is neither served nor aside. @throws Problem STORE_*, NOT_LEADING */
  async begin(): Promise<string> {
    await this.sweep();
    return randomUUID();
  }

  /**
   * Puts a ledger in the place of the one that is served, in one step.
   *
   * @param isKept whether that one is kept aside, instead of the one that is there
   * @throws Problem STORE_UNAVAILABLE, after which either may be in place; NOT_LEADING
   */
  async putInPlace(name: string, isKept: boolean): Promise<void> {
    const before = isKept ? await this.current() : null;
    const key = layoutOf(this.#prefix, name).head;
    const [head] = (await this.#connection.call<RangeResponse>('KV', 'Range', { key })).kvs;
    const aside = { request_put: { key: asideKey(this.#prefix), value: before ?? '' } };
    await this.#write(
      [{ request_put: { key: currentKey(this.#prefix), value: name } }, ...(before === null ? [] : [aside])],
      // So that a request that comes late never names a ledger that was removed.
      [{ result: 0, target: 1, key, create_revision: head?.create_revision ?? 'none' }],
    );
  }

  /** Removes every ledger that is neither served nor aside; @throws Problem STORE_UNAVAILABLE, NOT_LEADING */
  async sweep(): Promise<void> {
    const kept = new Set([await this.current(), await this.#value(asideKey(this.#prefix))]);
    for await (const name of this.#names()) {
      if (!kept.has(name)) {
        await this.#remove(layoutOf(this.#prefix, name).root);
      }
    }
  }

  /** Of all ledgers, from one's first key to the next one's. */
  async *#names(): AsyncGenerator<string> {
    for (let from = this.#prefix; ; ) {
      const [kv] = (await this.#range(from, 1)).kvs;
      if (kv === undefined) {
        return;
      }
      const [name = '', ...rest] = kv.key.slice(this.#prefix.length).split('/');
      const isFolder = rest.length > 0;
      if (isFolder && isName.test(name)) {
        yield name;
      }
      from = isFolder ? afterAll(`${this.#prefix}${name}/`) : `${kv.key}\0`;
    }
  }

  async #remove(root: string): Promise<void> {
    for (;;) {
      const { kvs, more } = await this.#range(root, page, afterAll(root));
      const last = kvs.at(-1);
      if (last !== undefined) {
        await this.#write([{ request_delete_range: { key: root, range_end: `${last.key}\0` } }]);
      }
      if (!more) {
        return;
      }
    }
  }

  #range(key: string, limit: number, end = afterAll(this.#prefix)): Promise<RangeResponse> {
    return this.#connection.call('KV', 'Range', { key, range_end: end, limit, keys_only: true });
  }

  async #value(key: string): Promise<string | null> {
    const { kvs } = await this.#connection.call<RangeResponse>('KV', 'Range', { key });
    return kvs[0]?.value ?? null;
  }

  async #write(success: readonly Operation[], further: readonly Compare[] = []): Promise<void> {
    const { succeeded } = await this.#connection.call<TransactionResponse>('KV', 'Txn', {
      compare: [
        { result: 0, target: 1, key: leaderKey(this.#prefix), create_revision: this.#term.revision },
        ...further,
      ],
      success,
      failure: [],
    });
    if (!succeeded) {
      throw new Problem('NOT_LEADING', 'another server leads by now');
    }
  }
}
