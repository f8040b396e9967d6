import { Type } from 'typebox';
import { AddressRange } from '../../schema/range.ts';
import { Reservation } from '../../schema/reservation.ts';
import { Subnet } from '../../schema/subnet.ts';
import { columnsOf, tableOf } from './table.ts';

test.each([
  [Subnet, ['name', 'zone', 'cidr', 'excludes', 'routes', 'dns.nameservers', 'dns.search', 'dns.options']],
  [
    AddressRange,
    ['name', 'subnet', 'start', 'end', 'node', 'disabled', 'match.namespaces', 'match.podLabels'],
  ],
  [Reservation, ['name', 'addresses', 'pod.namespace', 'pod.name', 'owner.kind', 'expiresAt', 'comment']],
])('the columns of a kind are its fields, and those of its fields', (schema, titles) => {
  expect(columnsOf(schema).map(({ title }) => title)).toEqual(expect.arrayContaining(titles));
});

const Note = Type.Object({ text: Type.String() });
const cellOf = (text: unknown) => tableOf(columnsOf(Note), [{ name: 'n', text }]).split('\r\nn,')[1];

test.each([
  ['plain', 'plain\r\n'],
  ['a, "b"', '"a, ""b"""\r\n'],
  ['two\nlines', '"two\nlines"\r\n'],
  [' blank ', '" blank "\r\n'],
  ['=cmd()', "'=cmd()\r\n"],
  ['+1', "'+1\r\n"],
  ['-1', "'-1\r\n"],
  ['@sum', "'@sum\r\n"],
  ["'=x", "''=x\r\n"],
  ['', "'\r\n"],
  [undefined, '\r\n'],
  [['10.9.0.2', '10.9.0.5-10.9.0.9'], '10.9.0.2 10.9.0.5-10.9.0.9\r\n'],
  [['=x', 'y'], "'=x y\r\n"],
  [['a b'], '"[""a b""]"\r\n'],
  [[], '[]\r\n'],
  [[{ dst: '10.20.0.0/16' }], '"[{""dst"":""10.20.0.0/16""}]"\r\n'],
  [-7, '-7\r\n'],
  [true, 'true\r\n'],
])('%j stands in a cell as %j', (value, cell) => {
  expect(cellOf(value)).toBe(cell);
});
