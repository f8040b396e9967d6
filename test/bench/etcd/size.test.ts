import { footprints, perHundredThousand, restAfter, startTimes } from './size.ts';

const resident = (now: number) => ({ now, anonymous: now / 2, peak: now * 2 });
const footprint = (leases: number) => ({
  leases,
  etcd: resident(30 + leases / 1_000),
  size: 20 + leases / 1_000,
  used: leases / 1_000,
  leader: resident(100 + leases / 500),
  follower: resident(90 + leases / 500),
});

test('what leases take is told per hundred thousand, without what there is without any', () => {
  const all = [footprint(0), footprint(100_000), footprint(300_000)];
  expect(perHundredThousand(all, ({ etcd }) => etcd.now)).toBe('100 MiB per 100,000');
  const [memory, , used] = footprints(all);
  expect(memory?.conditions).toMatch(/^0; 100,000; 300,000 leases, filled in batches;/);
  expect(memory?.value).toBe('30; 130; 330 MiB; 100 MiB per 100,000');
  expect(used?.value).toBe('0; 100; 300 MiB; 100 MiB per 100,000');
});

test('one size alone shows no growth', () => {
  expect(perHundredThousand([footprint(5)], ({ used }) => used)).toBe('no growth seen');
});

test('of starts the median and the worst are told', () => {
  const starts = { leases: 1_000, seconds: [1, 3, 2], resident: [100, 120, 110].map(resident) };
  expect(startTimes([starts]).map(({ value }) => value)).toEqual(['2.00 s; 3.00 s. 110 MiB (240)']);
});

test('after starts that took long the rest is longer, within bounds', () => {
  expect([[], [1, 3], [120]].map(restAfter)).toEqual([2_000, 8_000, 20_000]);
});
