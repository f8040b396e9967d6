import { zoneFramesPerSecond } from './limits.ts';
import { spreadOf } from './spread.ts';

test('a few nodes need no more than the random second of the RFC', () => {
  expect(spreadOf(2, 4 * 6)).toBe(0);
  expect(spreadOf(5, 16 * 6)).toBe(0);
});

test('a cluster spreads its first questions so that the LAN carries them, whatever its size', () => {
  const frames = 16 * 6;
  for (const nodes of [50, 200, 1000]) {
    const seconds = (spreadOf(nodes, frames) + 1000) / 1000;
    expect((nodes * frames) / seconds).toBeCloseTo(zoneFramesPerSecond);
  }
});

test('nobody holds back for more than five minutes', () => {
  expect(spreadOf(5000, 256 * 6)).toBe(300_000);
});
