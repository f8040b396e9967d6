import { parseTable } from './parse.ts';

const cells = (text: string) => {
  const { rows, fault } = parseTable(text, 10);
  expect(fault).toBeNull();
  return rows.map((row) => row.cells);
};

test.each([
  [
    'a,b\r\nc,d\r\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  [
    'a,b\nc,',
    [
      ['a', 'b'],
      ['c', ''],
    ],
  ],
  [
    '\uFEFFa;b\r\n"c;d";e,f\r\n',
    [
      ['a', 'b'],
      ['c;d', 'e,f'],
    ],
  ],
  [
    'a,b\n"x, ""y""","1\r\n2"',
    [
      ['a', 'b'],
      ['x, "y"', '1\r\n2'],
    ],
  ],
  [
    '"a","b"\n"",""""\n',
    [
      ['a', 'b'],
      ['', '"'],
    ],
  ],
  [
    'a,b;c\nd,e;f',
    [
      ['a', 'b;c'],
      ['d', 'e;f'],
    ],
  ],
  ['', []],
])('%j is a table', (text, rows) => {
  expect(cells(text)).toEqual(rows);
});

test('a row knows the line that it begins on', () => {
  const { rows } = parseTable('a\n"1\n2"\n3\n', 10);
  expect(rows.map(({ line }) => line)).toEqual([1, 2, 4]);
});

test.each([
  ['a,b\nc,"d', 2, 1, /never closed/],
  ['a,b\nc,d"e"\n', 2, 1, /inside a cell/],
  ['a,b\n"c"d,e', 2, 0, /follows the closing quote/],
  ['a,b\rc,d', 1, 1, /without a line feed/],
  ['a\n'.repeat(11), 11, 0, /more than 10 lines/],
])('%j is none, and it is told where', (text, line, cell, detail) => {
  expect(parseTable(text, 10).fault).toEqual({ line, cell, detail: expect.stringMatching(detail) });
});
