import fc from 'fast-check';
import { parseBody } from './json-body.ts';

const octets = (text: string) => new TextEncoder().encode(text);

test.each([
  ['{"zone":"a","zone":"b"}', 'zone'],
  ['{"zone":"a","dns":{"search":[],"options":[],"search":["x"]}}', 'dns.search'],
  ['{"routes":[{"dst":"x"},{"dst":"y","gw":"z","dst":"y"}]}', 'routes.1.dst'],
  ['{"a\\u0062":1,"ab" : 2}', 'ab'],
  ['[[{"x":{"y":1,"y":1}}]]', '0.0.x.y'],
  ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ['{"":1,"":2}', ''],
  ['{"a\\"b":1,"c:\\\\":2,"a\\"b":3}', 'a"b'],
])('%s is refused: the field %s is there twice', (text, field) => {
  expect(() => parseBody(octets(text))).toThrow(
    expect.objectContaining({ code: 'INVALID_REQUEST', facts: { field } }),
  );
});

test('a key may come again in another object, in a text, or as a value', () => {
  const text = '{"a":{"a":1},"b":[{"a":2},{"a":"a\\":\\\\"}],"c":"{\\"a\\":1,\\"a\\":2}"}';
  expect(parseBody(octets(text))).toEqual(JSON.parse(text));
});

test('any JSON is what JSON.parse makes of it, however it is spaced', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space);
      expect(parseBody(octets(text))).toEqual(JSON.parse(text));
    }),
  );
});

test('a body nests up to 32 levels', () => {
  const nested = (levels: number) => octets('['.repeat(levels) + ']'.repeat(levels));
  expect(() => parseBody(nested(32))).not.toThrow();
  for (const levels of [33, 500_000]) {
    expect(() => parseBody(nested(levels))).toThrow(expect.objectContaining({ code: 'INVALID_JSON' }));
  }
});

test('a text without end is no JSON', () => {
  for (const text of ['"', '"a\\"', '{"a:1', '{"a":1,"a":2', ':', '\\"']) {
    expect(() => parseBody(octets(text))).toThrow(expect.objectContaining({ code: 'INVALID_JSON' }));
  }
});
