import { ConfText } from './conf-text.ts';

test('a text knows the line of each key', () => {
  const text = new ConfText(
    '{\n  "name": "x",\n  "plugins": [\n    {\n      "type": "realip"\n    }\n  ]\n}\n',
  );
  expect(text.fault).toBeUndefined();
  expect(text.value).toEqual({ name: 'x', plugins: [{ type: 'realip' }] });
  expect(text.lineOf(['plugins', 0, 'type'])).toBe(5);
  expect(text.lineOf(['plugins', 0, 'master'])).toBe(4);
  expect(text.lineOf(['nothing'])).toBe(1);
});

test.each([
  ['{\n  "a": 1,\n}', 3],
  ['{\n  "a": 1\n  "b": 2\n}', 3],
  ['// a comment\n{}', 1],
  ["{'a': 1}", 1],
  ['', 1],
  ['{} {}', 1],
  ['{"a": 1', 1],
])('%j is no JSON, and the line is said', (text, line) => {
  expect(new ConfText(text).fault).toMatchObject({ line });
});

test('a key that an object has twice is found, in whatever depth', () => {
  const text = '{\n "a": 1,\n "b": [{"c": 1,\n "c": 2}],\n "a": 2\n}';
  expect(new ConfText(text).twice).toEqual([
    { key: 'a', line: 5 },
    { key: 'c', line: 4 },
  ]);
});
