import { median, quantile, ratioOf, reaches } from './statistics.ts';

test('a quantile is a value that was measured', () => {
  const values = [5, 1, 4, 2, 3];
  expect(median(values)).toBe(3);
  expect(quantile(values, 0.99)).toBe(5);
  expect(quantile(values, 0)).toBe(1);
  expect(() => median([])).toThrow('nothing to measure');
});

test('a ratio is the median of the pairs’ ratios, so that a slow minute of the machine does not count', () => {
  const drifting = {
    name: '',
    conditions: '',
    peer: '',
    unit: 'ms' as const,
    ours: [2, 20, 2],
    theirs: [1, 10, 2],
  };
  expect(ratioOf(drifting)).toBe(2);
  expect(reaches({ ...drifting, target: 1.9 })).toBe(false);
  expect(reaches({ ...drifting, unit: 'per second', target: 1.9 })).toBe(true);
});
