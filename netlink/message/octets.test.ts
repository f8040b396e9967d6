import { readI32, readText, text } from './octets.ts';

test.each(['eth0', 'müller', '日本', '100%', 'a b'])(
  'the text %j is UTF-8 with a NUL, there and back',
  (name) => {
    expect([...text(name)]).toEqual([...new TextEncoder().encode(name), 0]);
    expect(readText(text(name))).toBe(name);
  },
);

test('octets that are no UTF-8 are read as Latin-1', () => {
  expect(readText(Uint8Array.of(0x65, 0xe9, 0))).toBe('eé');
});

test('a negative integer is read as one', () => {
  expect(readI32(Uint8Array.of(0xef, 0xff, 0xff, 0xff), 0)).toBe(-17);
});
