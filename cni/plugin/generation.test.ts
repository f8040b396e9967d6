import { areDifferent, knownGeneration } from './generation.ts';

test('0 is what nobody knows', () => {
  expect([0, undefined, 7].map(knownGeneration)).toEqual([undefined, undefined, 7]);
});

test('generations differ only when both are known', () => {
  expect(areDifferent(7, 8)).toBe(true);
  expect([areDifferent(7, 7), areDifferent(0, 8), areDifferent(7, 0), areDifferent(7, undefined)]).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
