import { Problem } from '../../../core/problem/problem.ts';
import type { EtcdConnection } from './connection.ts';
import { noHead, parseHead } from './head.ts';
import { beginningOf, pieceText } from './large-values.ts';
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
  const [found, epoch] = await valuesOf(connection, [head, record(epochKey)]);
  const { count, id } = parseHead(found, head) ?? noHead;
  const elsewhere = epoch === undefined ? null : beginningOf(epoch);
  const [piece] = elsewhere === null ? [] : await valuesOf(connection, [record(elsewhere)]);
  const text = piece === undefined ? epoch : pieceText(piece);
  return { ledger, count, id, epoch: text === undefined ? 1 : epochIn(text) };
}

/** Of keys at one moment; undefined where there is none. */
async function valuesOf(
  connection: EtcdConnection,
  keys: readonly string[],
): Promise<(string | undefined)[]> {
  const success = keys.map((key) => ({ request_range: { key } }));
  const request = { compare: [], success, failure: [] };
  const { responses } = await connection.call<TransactionResponse>('KV', 'Txn', request);
  return responses.map((each) => each.response_range?.kvs[0]?.value);
}

/** @param text of an epoch's record, or how it begins: with many nodes it is long */
function epochIn(text: string): number {
  const [, value] = /^\{"value":(\d+)/.exec(text) ?? [];
  if (value === undefined) {
    throw new Problem('STORE_DAMAGED', `etcd: the record of the epoch begins with ${text.slice(0, 40)}`);
  }
  return Number(value);
}

/**
 * How far one process has seen the ledger go, as its leader or its follower. Who finds it before that place later
 * finds an etcd that was put back to an earlier state: what was given since lives on, and the ledger doesn't know.
 */
export class History {
  #last: Reached | null = null;
  #isPutBack = false;
  /** The highest epoch of any ledger that was seen. */
  #epoch = 1;
  /** Ledgers in whose place another was seen: names never come again by themselves. */
  readonly #left = new Set<string>();

  /** The farthest that was seen; null before anything was. */
  get last(): Reached | null {
    return this.#last;
  }

  /** The highest epoch that was seen, in whichever ledger. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Reports whether it was found put back, and nobody has begun a new epoch since. */
  get isPutBack(): boolean {
    return this.#isPutBack;
  }

  /** Takes in what is there or was there a moment ago. */
  saw(now: Reached): void {
    const last = this.#last;
    if (last === null || now.ledger !== last.ledger) {
      this.#leave(last, now);
    } else if (now.epoch > last.epoch) {
      this.#last = now;
      this.#isPutBack = false;
    } else if (now.count > last.count) {
      this.#last = { ...now, epoch: last.epoch };
    }
    this.#epoch = Math.max(this.#epoch, now.epoch);
  }

  /**
   * Compares what etcd has with what was seen before it was asked.
   *
   * @param before `last` as it was then
   */
  compare(before: Reached | null, now: Reached): void {
    if (before === null || now.ledger !== before.ledger) {
      this.#isPutBack ||= this.#left.has(now.ledger);
    } else if (now.epoch > before.epoch) {
      this.#isPutBack = false;
    } else if (now.epoch < before.epoch || isEarlier(now, before)) {
      this.#isPutBack = true;
    }
  }

  /** It was put back, whatever it has by now. */
  found(): void {
    this.#isPutBack = true;
  }

  /** A new epoch was begun here. */
  renewed(now: Reached): void {
    this.#last = now;
    this.#epoch = now.epoch;
    this.#isPutBack = false;
    this.#left.delete(now.ledger);
  }

  #leave(last: Reached | null, now: Reached): void {
    if (last !== null) {
      this.#left.add(last.ledger);
      this.#isPutBack = this.#isPutBack && this.#left.has(now.ledger);
    }
    this.#last = now;
  }
}

/** Reports whether one place in a history can't come after another, or be the same. */
export function isEarlier(now: Omit<Reached, 'ledger' | 'epoch'>, before: typeof now): boolean {
  return now.count < before.count || (now.count === before.count && now.id !== before.id);
}
