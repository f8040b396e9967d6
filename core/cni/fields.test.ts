import { Fields } from './fields.ts';

function reading(value: unknown): { fields: Fields; faults: string[] } {
  const faults: string[] = [];
  return { fields: new Fields(value, (message) => faults.push(message), 'ipam.'), faults };
}

test('absent and null are undefined, and no fault', () => {
  const { fields, faults } = reading({ a: null });
  expect([fields.text('a'), fields.integer('b', 0, 9), fields.flag('c'), fields.texts('d')]).toEqual([
    undefined,
    undefined,
    undefined,
    [],
  ]);
  expect(fields.object('e').keys).toEqual([]);
  expect(faults).toEqual([]);
});

test('each fault names the field, what it must be, and what it is; the value counts as absent', () => {
  const { fields, faults } = reading({ a: 1, b: 10, c: 'yes', d: ['x', 2], e: 'z', f: 1.5, g: [] });
  expect(fields.text('a')).toBeUndefined();
  expect(fields.integer('b', 0, 9)).toBeUndefined();
  expect(fields.flag('c')).toBeUndefined();
  expect(fields.texts('d')).toEqual(['x']);
  expect(fields.oneOf('e', ['x', 'y'])).toBeUndefined();
  expect(fields.integer('f', 0, 9)).toBeUndefined();
  expect(fields.object('g').keys).toEqual([]);
  expect(faults).toEqual([
    'ipam.a must be a text, not 1',
    'ipam.b must be a whole number from 0 to 9, not 10',
    'ipam.c must be true or false, not "yes"',
    'ipam.d[1] must be a text',
    'ipam.e must be one of "x", "y", not "z"',
    'ipam.f must be a whole number from 0 to 9, not 1.5',
    'ipam.g must be a JSON object',
  ]);
});

test('what a parser throws is a fault of the field', () => {
  const { fields, faults } = reading({ a: 'x' });
  const parse = () => {
    throw new Error('no good');
  };
  expect(fields.parsed('a', parse)).toBeUndefined();
  expect(faults).toEqual(['ipam.a: no good']);
});

test('lists of objects name the element', () => {
  const { fields, faults } = reading({ list: [{ a: 'x' }, { a: 1 }] });
  expect(fields.objects('list').map((each) => each.text('a'))).toEqual(['x', undefined]);
  expect(faults).toEqual(['ipam.list[1].a must be a text, not 1']);
});
