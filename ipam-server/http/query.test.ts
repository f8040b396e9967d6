import { parseQuery } from './query.ts';

test('the number fields of a query are numbers in their one spelling, everything else stays a text', () => {
  expect(parseQuery('limit=10&generation=0&node=7')).toEqual({ limit: 10, generation: 0, node: '7' });
  for (const text of ['007', '1e2', '0x10', ' 1', '-1', '']) {
    expect(parseQuery(`limit=${encodeURIComponent(text)}`)).toEqual({ limit: text });
  }
  expect(parseQuery('limit=1&limit=2')).toEqual({ limit: ['1', '2'] });
});
