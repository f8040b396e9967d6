import { randomBytes } from 'node:crypto';
import { Problem } from '../../../core/problem/problem.ts';
import type { EtcdConnection } from './connection.ts';
import { type Head, headText, noHead, parseHead } from './head.ts';
import { isEarlier } from './history.ts';
import { type Layout, leaderKey } from './layout.ts';
import type { Operation, RangeResponse, Transaction, TransactionResponse } from './messages.ts';

/**
 * Writes as long as one leads: every transaction is guarded by the leader's key and by the ledger's counter, so that
 * neither a leader that was put off, nor a request that etcd takes late or twice, changes anything.
 */
export class GuardedWriter {
  readonly #connection: EtcdConnection;
  readonly #leaderKey: string;
  readonly #key: string;
  readonly #term: string;
  /** Null while it isn't known. */
  #head: Head | null = null;
  #made = noHead;
  #revision = '0';

  /** @param term the revision at which the leader's key was made: nobody else's has it */
  constructor(connection: EtcdConnection, prefix: string, layout: Layout, term: string) {
    this.#connection = connection;
    this.#leaderKey = leaderKey(prefix);
    this.#key = layout.head;
    this.#term = term;
  }

  /** The last transaction that is known to be made in this term; `noHead` before the first one. */
  get made(): Head {
    return this.#made;
  }

  /** etcd's revision after the last transaction. */
  get revision(): string {
    return this.#revision;
  }

  /** The last transaction, as who has followed it knows it. @throws Problem STORE_UNAVAILABLE as `lastEvent` */
  get head(): Head {
    return this.#known();
  }

  /** @throws Problem STORE_UNAVAILABLE after an error, until it is settled */
  get lastEvent(): number {
    return this.#known().lastEvent;
  }

  /**
   * Learns the counter and raises it: what was sent before and has not come yet never will.
   *
   * @throws Problem STORE_UNAVAILABLE, STORE_DAMAGED, STORE_TOO_NEW, NOT_LEADING
   */
  async settle(): Promise<void> {
    for (;;) {
      const found = await this.#read();
      const head = found ?? noHead;
      if (isEarlier(head, this.#made)) {
        throw new Problem('NOT_LEADING', 'etcd was put back to an earlier state');
      }
      if (await this.#attempt(head, found === null, [], head.lastEvent)) {
        return;
      }
    }
  }

  /**
   * Does all of it, once, or nothing. After an error it is open which, until `settle`.
   *
   * @param lastEvent the highest id of an event from now on
   * @throws Problem STORE_UNAVAILABLE, STORE_DAMAGED, NOT_LEADING
   */
  async write(operations: readonly Operation[], lastEvent = this.lastEvent): Promise<void> {
    if (!(await this.#attempt(this.#known(), false, operations, lastEvent))) {
      throw new Problem('STORE_DAMAGED', `etcd: somebody else has written ${this.#key}`);
    }
  }

  async #read(): Promise<Head | null> {
    const { kvs } = await this.#connection.call<RangeResponse>('KV', 'Range', { key: this.#key });
    const text = kvs[0]?.value;
    return parseHead(text, this.#key);
  }

  #known(): Head {
    if (this.#head === null) {
      throw new Problem('STORE_UNAVAILABLE', 'etcd: the ledger must be read before it is written');
    }
    return this.#head;
  }

  /** @returns false when the counter has another value, and nothing was done */
  async #attempt(
    head: Head,
    isFirst: boolean,
    operations: readonly Operation[],
    lastEvent: number,
  ): Promise<boolean> {
    this.#head = null;
    const id = randomBytes(6).toString('base64url');
    const next: Head = { count: head.count + 1, lastEvent, id, before: head.id };
    const before = isFirst ? null : headText(head);
    const transaction = this.#transaction(before, headText(next), operations);
    const answer = await this.#connection.call<TransactionResponse>('KV', 'Txn', transaction);
    if (!answer.succeeded) {
      const [leader, found] = answer.responses.map((each) => each.response_range?.kvs[0]);
      if (leader?.create_revision !== this.#term) {
        throw new Problem('NOT_LEADING', 'another server leads by now');
      }
      // A request that was sent twice finds what it has done itself.
      if (found?.value !== headText(next)) {
        return false;
      }
    }
    this.#head = next;
    this.#made = next;
    this.#revision = answer.header.revision;
    return true;
  }

  #transaction(before: string | null, next: string, operations: readonly Operation[]): Transaction {
    return {
      compare: [
        { result: 0, target: 1, key: this.#leaderKey, create_revision: this.#term },
        before === null
          ? { result: 0, target: 1, key: this.#key, create_revision: '0' }
          : { result: 0, target: 3, key: this.#key, value: before },
      ],
      success: [{ request_put: { key: this.#key, value: next } }, ...operations],
      failure: [{ request_range: { key: this.#leaderKey } }, { request_range: { key: this.#key } }],
    };
  }
}
