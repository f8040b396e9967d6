import { Problem } from '../../../core/problem/problem.ts';

/** What the ledger's counter says: so many transactions were made, and this was the last event. */
export interface Head {
  readonly count: number;
  readonly lastEvent: number;
  /** Of the last transaction, unlike any other's: so a history is told from another one of the same length. */
  readonly id: string;
  /** That of the one before it: who follows misses none. */
  readonly before: string;
}

export const noHead: Head = { count: 0, lastEvent: 0, id: '0', before: '0' };

/** Of the keys and values of a ledger. Whoever writes them otherwise gives it another number: older servers stop there. */
const format = 1;

/** As the value of its key. */
export function headText({ count, lastEvent, id, before }: Head): string {
  return `${format} ${count} ${lastEvent} ${id} ${before}`;
}

/**
 * @param text the value of its key; undefined where there is none yet
 * @param key for the message
 * @returns null where there is none yet
 * @throws Problem STORE_DAMAGED, STORE_TOO_NEW
 */
export function parseHead(text: string | undefined, key: string): Head | null {
  if (text === undefined) {
    return null;
  }
  const [, written, rest = ''] = /^(\d{1,6}) (.*)$/.exec(text) ?? [];
  if (Number(written) > format) {
    throw new Problem('STORE_TOO_NEW', `etcd: ${key} is of format ${written}, this server knows ${format}`);
  }
  const [, count, lastEvent, id, before] = /^(\d{1,16}) (\d{1,16}) ([\w-]+) ([\w-]+)$/.exec(rest) ?? [];
  if (id === undefined || before === undefined) {
    throw new Problem('STORE_DAMAGED', `etcd: ${key} is "${text}", which is no head of a ledger`);
  }
  return { count: Number(count), lastEvent: Number(lastEvent), id, before };
}
