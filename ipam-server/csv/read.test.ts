import fc from 'fast-check';
import { Type } from 'typebox';
import { AddressRange } from '../../schema/range.ts';
import { readTable } from './read.ts';
import { columnsOf, tableOf } from './table.ts';

const Thing = Type.Object({
  text: Type.Optional(Type.String()),
  count: Type.Optional(Type.Integer()),
  on: Type.Optional(Type.Boolean()),
  list: Type.Optional(Type.Array(Type.String())),
  labels: Type.Optional(Type.Record(Type.String(), Type.String())),
  inner: Type.Optional(
    Type.Object({ words: Type.Optional(Type.Array(Type.String())), a: Type.Optional(Type.String()) }),
  ),
});
const columns = columnsOf(Thing);

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom("'", '=', '"', ',', ';', '\r', '\n', ' ', '[', '{', '-', '\t', 'a') }),
);
const inner = fc
  .record({ words: fc.array(text), a: text }, { requiredKeys: [] })
  .filter((each) => Object.keys(each).length > 0);
const thing = fc.record(
  {
    text,
    count: fc.integer(),
    on: fc.boolean(),
    list: fc.array(text),
    labels: fc.dictionary(text, text),
    inner,
  },
  { requiredKeys: [] },
);
const things = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z0-9]{1,8}$/), thing), {
  selector: ([name]) => name,
});

test('what is read from a table is what was written into it', () => {
  fc.assert(
    fc.property(things, fc.boolean(), (some, hasMark) => {
      const written = tableOf(
        columns,
        some.map(([name, spec]) => ({ name, ...spec })),
      );
      const { objects, faults } = readTable(columns, `${hasMark ? '\uFEFF' : ''}${written}`, 100);
      expect(faults).toEqual([]);
      // JSON makes a plain object of a dictionary without a prototype.
      const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
      expect(plain(objects.map(({ name, spec }) => [name, spec]))).toEqual(plain(some));
    }),
  );
});

test.each([
  ['', 1, undefined, /no line of titles/],
  ['text\nx\n', 1, 'name', /missing/],
  ['name,colour\nx,red\n', 1, 'colour', /no column "colour"; there are name, text/],
  [`name${',x'.repeat(1_000)}`, 1, undefined, /1001 titles/],
  ['name,text,text\nx,a,b\n', 1, 'text', /twice/],
  ['name,text\nx\n', 2, undefined, /1 cells, and 2 titles/],
  ['name,text\n,x\n', 2, 'name', /missing/],
  ['name,text\na,x\nb,x\na,x\n', 4, 'name', /"a" is in line 2/],
  ['name,count\na,1.000,5\n', 2, undefined, /3 cells/],
  ['name,count\na,0x10\n', 2, 'count', /no number/],
  ['name,on\na,yes\n', 2, 'on', /neither true nor false/],
  ['name,list\na,"[1"\n', 2, 'list', /not JSON/],
  ['name,labels\na,tier=db\n', 2, 'labels', /not JSON/],
  ['name,text\na,"x\n', 2, 'text', /never closed/],
])('%j is refused with its line and column', (table, line, column, detail) => {
  const { faults } = readTable(columns, table, 100);
  expect(faults).toEqual([
    { line, ...(column === undefined ? {} : { column }), detail: expect.stringMatching(detail) },
  ]);
});

test('columns may come in any order, with semicolons, and as a spreadsheet writes booleans', () => {
  const table = 'node;disabled;subnet;start;end;name\r\nn1;TRUE;lan;10.9.1.0;10.9.1.9;own\r\n';
  expect(readTable(columnsOf(AddressRange), table, 100).objects).toEqual([
    {
      line: 2,
      name: 'own',
      spec: { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.9', node: 'n1', disabled: true },
    },
  ]);
});
