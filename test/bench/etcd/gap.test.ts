import { longestGap } from './gap.ts';

test('a gap lies between two answers that follow each other, whichever client had them', () => {
  expect(longestGap([0, 10, 3_010, 3_020, 15, 3_000])).toBe(2_985);
});

test('without answers on both sides there is no gap to be told', () => {
  expect(() => longestGap([1])).toThrow('no answers');
});
