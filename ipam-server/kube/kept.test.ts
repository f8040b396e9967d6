import { Kept } from './kept.ts';

let now = 0;
let asked = 0;
const ask = (value: string) => async () => {
  asked++;
  return value;
};
const fail = async (): Promise<string> => {
  throw new Error('away');
};
const kept = (limit = 10) => new Kept<string>({ freshMs: () => 100, staleMs: 1000, limit }, () => now);
beforeEach(() => {
  now = 0;
  asked = 0;
});

test('a value is asked for once while it is fresh, and once by all who wait', async () => {
  const values = kept();
  expect(await Promise.all([values.get('a', ask('1')), values.get('a', ask('2'))])).toEqual(['1', '1']);
  now = 99;
  expect(await values.get('a', ask('3'))).toBe('1');
  now = 100;
  expect(await values.get('a', ask('4'))).toBe('4');
  expect(asked).toBe(2);
});

test('an old value serves while asking fails, for a bounded time and where it is accepted', async () => {
  const values = kept();
  await values.get('a', ask('1'));
  now = 1099;
  expect(await values.get('a', fail)).toBe('1');
  await expect(values.get('a', fail, (value) => value !== '1')).rejects.toThrow('away');
  now = 1100;
  await expect(values.get('a', fail)).rejects.toThrow('away');
});

test('a value that is not the right one is asked for again', async () => {
  const values = kept();
  await values.get('a', ask('1'));
  expect(await values.get('a', ask('2'), (value) => value === '2')).toBe('2');
});

test('the oldest values go when there are too many, and too many questions are refused', async () => {
  const values = kept(2);
  for (const key of ['a', 'b', 'c']) {
    await values.get(key, ask(key));
  }
  expect([values.fresh('a'), values.fresh('b'), values.fresh('c')]).toEqual([undefined, 'b', 'c']);
  const never = () => new Promise<string>(() => {});
  void values.get('x', never);
  void values.get('y', never);
  await expect(values.get('z', ask('z'))).rejects.toMatchObject({ code: 'OVERLOADED' });
});
