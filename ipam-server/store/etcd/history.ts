import { decode } from '../codec.ts';
import type { EtcdConnection } from './connection.ts';
import { noHead, parseHead } from './head.ts';
import { layoutOf } from './layout.ts';
import type { TransactionResponse } from './messages.ts';

/** How far a ledger has come. */
export interface Reached {
  /** Which of the ledgers under the prefix. */
  readonly ledger: string;
  /** Of the last transaction. */
  readonly count: number;
  readonly id: string;
  readonly epoch: number;
}

const epochKey = 'epoch/current';

/** How far a ledger has come, as etcd has it now. @throws Problem STORE_UNAVAILABLE, STORE_DAMAGED, STORE_TOO_NEW */
export async function reached(connection: EtcdConnection, prefix: string, ledger: string): Promise<Reached> {
  const { head, record } = layoutOf(prefix, ledger);
  const answer = await connection.call<TransactionResponse>('KV', 'Txn', {
    compare: [],
    success: [{ request_range: { key: head } }, { request_range: { key: record(epochKey) } }],
    failure: [],
  });
  const [found, epoch] = answer.responses.map((each) => each.response_range?.kvs[0]?.value);
  const { count, id } = parseHead(found, head) ?? noHead;
  const write = epoch === undefined ? null : decode([epochKey, epoch]);
  return { ledger, count, id, epoch: write?.kind === 'epoch' ? (write.record?.value ?? 1) : 1 };
}

/**
 * How far one process has seen the ledger go, as its leader or its follower. Who finds it before that place later
 * finds an etcd that was put back to an earlier state: what was given since lives on, and the ledger doesn't know.
 */
export class History {
  #last: Reached | null = null;
  #isPutBack = false;

  /** The farthest that was seen; null before anything was. */
  get last(): Reached | null {
    return this.#last;
  }

  /** Reports whether it was found put back, and nobody has begun a new epoch since. */
  get isPutBack(): boolean {
    return this.#isPutBack;
  }

  /** Takes in what is there or was there a moment ago. */
  saw(now: Reached): void {
    const last = this.#last;
    if (last === null || now.ledger !== last.ledger || now.epoch > last.epoch) {
      this.#last = now;
      this.#isPutBack = false;
    } else if (now.count > last.count) {
      this.#last = { ...now, epoch: last.epoch };
    }
  }

  /**
   * Compares what etcd has with what was seen before it was asked.
   *
   * @param before `last` as it was then
   */
  compare(before: Reached | null, now: Reached): void {
    if (before === null || now.ledger !== before.ledger) {
      return;
    }
    if (now.epoch > before.epoch) {
      this.#isPutBack = false;
    } else if (now.epoch < before.epoch || isEarlier(now, before)) {
      this.#isPutBack = true;
    }
  }
}

/** Reports whether one place in a history can't come after another, or be the same. */
export function isEarlier(now: Omit<Reached, 'ledger' | 'epoch'>, before: typeof now): boolean {
  return now.count < before.count || (now.count === before.count && now.id !== before.id);
}
