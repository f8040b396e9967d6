import { parseQuantity } from './quantity.ts';

test.each([
  ['0', 0],
  ['250', 250],
  ['2k', 2_000],
  ['1500', 1_500],
  ['3e2', 300],
  ['1Ki', 1_024],
  ['2000m', 2],
  [7, 7],
])('%s is %d', (text, number) => {
  expect(parseQuantity(text)).toBe(number);
});

test('what is no quantity is none', () => {
  for (const text of ['', 'k', '1 k', '1x', 'abc', '1e', '--1']) {
    expect(parseQuantity(text)).toBeNull();
  }
});
