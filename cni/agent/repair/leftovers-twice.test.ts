import { LeftoversTwice } from './leftovers-twice.ts';

test('only what was seen twice, the second time by a whole look, counts', () => {
  const book = new LeftoversTwice();
  expect(book.observe(['a', 'b'], true)).toEqual([]);
  expect(book.isWaiting).toBe(true);
  expect(book.observe(['a', 'c'], false)).toEqual([]);
  expect(book.observe(['a', 'c', 'd'], true)).toEqual(['a', 'c']);
  expect(book.observe([], true)).toEqual([]);
  expect(book.isWaiting).toBe(false);
});
