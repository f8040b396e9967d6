import { dueAt, type Met } from './agenda.ts';

const pause = 10_000;

test('a namespace that is new, young, or could not be looked into is due at each look', () => {
  const known = new Map<number, Met>([
    [1, { since: 0 }],
    [2, { since: 95_000, lookedAt: 95_000 }],
    [3, { since: 0, lookedAt: 99_999 }],
  ]);
  expect(dueAt(known, 100_000, 100_000)).toEqual([1, 2]);
});

test('each settled namespace is looked into within a minute, and no look takes many at once', () => {
  const known = new Map<number, Met>(
    Array.from({ length: 250 }, (_, inode) => [inode, { since: 0, lookedAt: 40_000 }]),
  );
  const seen = new Map<number, number>();
  for (let now = 50_000; now <= 170_000; now += pause) {
    const due = dueAt(known, now, now - pause);
    expect(due.length).toBeGreaterThan(0);
    expect(due.length).toBeLessThanOrEqual(42);
    for (const inode of due) {
      const before = seen.get(inode) ?? 40_000;
      expect(now - before).toBeLessThanOrEqual(60_000);
      seen.set(inode, now);
      known.set(inode, { since: 0, lookedAt: now });
    }
  }
  expect(seen.size).toBe(250);
});

test('after a long pause all are due', () => {
  const known = new Map<number, Met>([
    [1, { since: 0, lookedAt: 0 }],
    [2, { since: 0, lookedAt: 0 }],
  ]);
  expect(dueAt(known, 3_600_000, 0)).toEqual([1, 2]);
});
