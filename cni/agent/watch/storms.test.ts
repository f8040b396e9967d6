import { Storms, thresholds } from './storms.ts';

const heard = (fields: { arp?: number; ndp?: number; dropped?: number; sources?: number }) => ({
  interfaces: [{ name: 'eth0', arp: 0, ndp: 0, dropped: 0, sources: 0, ...fields }],
  answered: 0,
  proxied: [],
  echoes: 0,
});
const words = (storms: Storms, fields: Parameters<typeof heard>[0], now: number) =>
  storms.take(heard(fields), now).map(({ what, value, isOver }) => `${what} ${value} ${isOver}`);

test('a storm is told when it begins and when it has ended, not while it lasts', () => {
  const storms = new Storms();
  expect(words(storms, { arp: 5 }, 0)).toEqual([]);
  expect(words(storms, { arp: 10_005, ndp: 1_000 }, 10_000)).toEqual(['broadcasts a second 1100 true']);
  expect(words(storms, { arp: 40_005, ndp: 1_000 }, 20_000)).toEqual([]);
  // A little below the threshold it hasn't ended yet.
  expect(words(storms, { arp: 49_005, ndp: 1_000 }, 30_000)).toEqual([]);
  expect(words(storms, { arp: 50_005, ndp: 1_000 }, 40_000)).toEqual(['broadcasts a second 100 false']);
  expect(words(storms, { arp: 50_006, ndp: 1_000 }, 50_000)).toEqual([]);
});

test('a burst between two looks that follow quickly is no storm', () => {
  const storms = new Storms();
  words(storms, {}, 0);
  expect(words(storms, { arp: 5_000 }, 1_000)).toEqual([]);
  expect(words(storms, { arp: 5_000 }, 10_000)).toEqual([]);
});

test('lost frames and too many MACs are told', () => {
  const storms = new Storms();
  words(storms, { dropped: 3 }, 0);
  expect(words(storms, { dropped: 8, sources: thresholds.sources + 1 }, 10_000)).toEqual([
    'frames lost 5 true',
    `MACs heard ${thresholds.sources + 1} true`,
  ]);
  expect(words(storms, { dropped: 8, sources: thresholds.sources - 1 }, 20_000)).toEqual([
    'frames lost 0 false',
  ]);
});

test('an interface that was made again counts anew', () => {
  const storms = new Storms();
  words(storms, { arp: 90_000, dropped: 9 }, 0);
  expect(words(storms, { arp: 10, dropped: 9 }, 10_000)).toEqual([]);
  expect(words(storms, { arp: 20, dropped: 9 }, 20_000)).toEqual([]);
});
