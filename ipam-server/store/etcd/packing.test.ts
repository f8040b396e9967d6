import fc from 'fast-check';
import type { Commit, StoredEvent } from '../store.ts';
import { chunksOf } from './events.ts';
import { maxOperations, pack, piecesOf } from './packing.ts';

/** etcd's own limits, as they are without flags. */
const etcd = { operations: 128, octets: 1.5 * 1024 * 1024 };

function commitOf(records: number, events: number, first: number, size = 2): Commit {
  return {
    records: new Map(
      Array.from({ length: records }, (_, i) => [
        `zone/${first}-${i}`,
        JSON.stringify({ x: '"'.repeat(size) }),
      ]),
    ),
    events: Array.from(
      { length: events },
      (_, i): StoredEvent => ({
        id: first + i,
        time: 0,
        addresses: [],
        text: JSON.stringify({ id: first + i, text: '"\\'.repeat(size) }),
      }),
    ),
  };
}

test('whatever is committed, no transaction has more operations than etcd takes, and none is divided that fits', () => {
  const sizes = fc.record({ records: fc.nat(400), events: fc.nat(2_100), size: fc.nat(40) });
  fc.assert(
    fc.property(fc.array(sizes, { minLength: 1, maxLength: 12 }), (all) => {
      let first = 1;
      const commits = all.map(({ records, events, size }) => {
        const commit = commitOf(records, events, first, size);
        first += events;
        return commit;
      });
      const packed = pack(commits);
      for (const each of packed) {
        if ('large' in each) {
          const alone = each.large.records.size + chunksOf(each.large.events).length;
          expect(alone > maxOperations || each.large.events.length > 1_000).toBe(true);
        } else {
          // The head is one more.
          expect(each.records.size + chunksOf(each.events).length + 1).toBeLessThanOrEqual(etcd.operations);
        }
      }
      const events = packed.flatMap((each) => ('large' in each ? each.large : each).events);
      expect(events.map(({ id }) => id)).toEqual(
        commits.flatMap((commit) => commit.events.map(({ id }) => id)),
      );
    }),
    { numRuns: 60 },
  );
});

test('the pieces of a large commit fit a transaction, also as texts within texts', () => {
  const operations = [...commitOf(3_000, 0, 1, 3_000).records].map(([key, value]) => ({
    request_put: { key, value: value ?? '' },
  }));
  const pieces = piecesOf(operations);
  expect(pieces.flat()).toEqual(operations);
  for (const piece of pieces) {
    // The head, and the piece's end.
    expect(piece.length + 2).toBeLessThanOrEqual(etcd.operations);
    expect(Buffer.byteLength(JSON.stringify(piece))).toBeLessThan(etcd.octets - 100_000);
  }
  const huge = { request_put: { key: 'k', value: 'x'.repeat(1_100_000) } };
  expect(() => piecesOf([huge])).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }));
});
