import { dueAfter, keptFresh, recheckAfter } from './freshness.ts';
import { zoneRecheckFrames } from './limits.ts';
import { framesOfRecheck } from './questions.ts';

test('a reserve of a small zone is kept fresh whole, that of a large one as far as the LAN bears it', () => {
  expect(keptFresh(1)).toBeGreaterThan(4096);
  expect(keptFresh(30)).toBeGreaterThanOrEqual(4 * 16);
  for (const nodes of [1, 30, 200, 1000]) {
    const perSecond = (nodes * keptFresh(nodes) * framesOfRecheck(true) * 1000) / recheckAfter;
    expect(perSecond).toBeLessThanOrEqual(zoneRecheckFrames);
  }
});

test('addresses that were probed together are not asked for together, neither the next time', () => {
  const addresses = Array.from({ length: 1000 }, (_, n) => `10.9.${n >>> 8}.${n & 255}`);
  for (const salt of [0, 1_767_225_600_000, 1_767_225_905_123]) {
    const times = addresses.map((address) => dueAfter(address, salt)).sort((a, b) => a - b);
    expect(times[0]).toBeGreaterThanOrEqual(0.8 * recheckAfter);
    expect(times.at(-1)).toBeLessThanOrEqual(1.2 * recheckAfter);
    // Of ten parts of the time each has about a tenth.
    for (let part = 0; part < 10; part++) {
      const from = recheckAfter * (0.8 + 0.04 * part);
      const count = times.filter((time) => time >= from && time < from + 0.04 * recheckAfter).length;
      expect(count).toBeGreaterThan(60);
      expect(count).toBeLessThan(140);
    }
  }
  const first = addresses.map((address) => dueAfter(address, 1));
  expect(addresses.map((address) => dueAfter(address, 2))).not.toEqual(first);
});
