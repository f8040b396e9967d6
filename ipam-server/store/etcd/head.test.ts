import { headText, parseHead } from './head.ts';

test('a head is read as it was written; where there is none it is not damaged', () => {
  const head = { count: 12, lastEvent: 2 ** 40, id: 'a-_9', before: '0' };
  expect(parseHead(headText(head), 'head')).toEqual(head);
  expect(parseHead(undefined, 'head')).toBeNull();
});

test.each(['', '1', '1 2', '1 2 3', '1 2 x a b', '1 -2 3 a b', 'x 1 2 a b', '1 2 3 a b c', '1 2 3 a '])(
  '"%s" is no head',
  (text) => {
    expect(() => parseHead(text, '/realip/a/head')).toThrow(
      expect.objectContaining({ code: 'STORE_DAMAGED', message: expect.stringContaining('/realip/a/head') }),
    );
  },
);

test('a head of a newer server is not read, whatever else is in it', () => {
  expect(() => parseHead('2 anything', 'head')).toThrow(expect.objectContaining({ code: 'STORE_TOO_NEW' }));
});
