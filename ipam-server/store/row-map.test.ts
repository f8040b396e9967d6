import { RowMap } from './row-map.ts';

test('it says what a map says, through many puts, replacements and removals', () => {
  const rows = new RowMap();
  const expected = new Map<string, number>();
  const keyOf = (number: number) => `allocation/realip/${number.toString(16).padStart(64, '0')}/eth0`;
  let state = 1;
  for (let i = 1; i <= 6_000; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const key = keyOf((state >>> 8) % 900);
    if (state % 3 === 0) {
      rows.delete(key);
      expected.delete(key);
    } else {
      rows.set(key, i);
      expected.set(key, i);
    }
  }
  expect(rows.size).toBe(expected.size);
  const keys = Array.from({ length: 900 }, (_, number) => keyOf(number));
  expect(keys.map((key) => rows.get(key))).toEqual(keys.map((key) => expected.get(key)));
});

test('nearly equal keys are told apart', () => {
  const rows = new RowMap();
  const keys = Array.from({ length: 2_000 }, (_, i) => `released/10.${i >> 8}.${i & 255}.1`);
  for (const [i, key] of keys.entries()) {
    rows.set(key, i + 1);
  }
  expect(keys.map((key) => rows.get(key))).toEqual(keys.map((_, i) => i + 1));
  expect(rows.get('released/10.0.0.10')).toBeUndefined();
});
