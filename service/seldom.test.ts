import { Seldom } from './seldom.ts';

test('a key is told at once, then passed over and counted until the pause is over', () => {
  let now = 0;
  const seldom = new Seldom(1_000, () => now);
  expect(seldom.tell('n1')).toBe(0);
  expect(seldom.tell('n2')).toBe(0);
  now = 999;
  expect(seldom.tell('n1')).toBeNull();
  expect(seldom.tell('n1')).toBeNull();
  now = 1_000;
  expect(seldom.tell('n1')).toBe(2);
  expect(seldom.tell('n1')).toBeNull();
});

test('however many keys there are, few are remembered and few told', () => {
  let now = 0;
  const seldom = new Seldom(1_000, () => now);
  const told = () =>
    Array.from({ length: 5_000 }, (_, n) => seldom.tell(`${now}-${n}`)).filter(
      (passedOver) => passedOver !== null,
    );
  expect(told()).toHaveLength(1_001);
  now = 2_000;
  expect(told()).toHaveLength(1_001);
});
