import type { TakePart } from '../store.ts';
import type { EtcdConnection } from './connection.ts';
import { afterAll, type Layout } from './layout.ts';
import type { RangeRequest, RangeResponse } from './messages.ts';

/** Octets read at once, about. With each answer etcd counts all keys that follow, so that small pages of many cost much. */
const page = 4_000_000;

/** Records read at once: at first, and at most. */
const [few, many] = [1_000, 10_000];

/**
 * All records of the ledger as they were at one revision, in the order of their keys, and as they are kept: long texts
 * in pieces.
 *
 * @param at the revision; null: the present one
 * @returns the revision
 * @throws Problem STORE_UNAVAILABLE
 */
export async function readRecords(
  connection: EtcdConnection,
  { records }: Layout,
  take: TakePart,
  at: string | null = null,
): Promise<string> {
  let revision = at;
  let limit = few;
  const read = (key: string) => {
    const request: RangeRequest = {
      key,
      range_end: afterAll(records),
      limit,
      ...(revision !== null && { revision }),
    };
    const answer = connection.call<RangeResponse>('KV', 'Range', request);
    answer.catch(() => {});
    return answer;
  };
  let asked = read(records);
  for (;;) {
    const { kvs, more, header } = await asked;
    revision ??= header.revision;
    const last = kvs.at(-1)?.key;
    if (more && last !== undefined) {
      const size = kvs.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
      limit = Math.max(1, Math.min(many, Math.floor((page * kvs.length) / size)));
      // etcd reads the next page while this one is taken.
      asked = read(`${last}\0`);
    }
    await take(kvs.map(({ key, value }) => [key.slice(records.length), value]));
    if (!more) {
      return revision;
    }
  }
}
