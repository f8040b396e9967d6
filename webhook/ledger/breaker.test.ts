import { Breaker } from './breaker.ts';

test('after a failure one asker tries again a second later, then two, four, up to half a minute', () => {
  const breaker = new Breaker();
  expect(breaker.mayTry(0, 500)).toBe(true);
  let now = 0;
  for (const wait of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    breaker.failed(now);
    expect(breaker.mayTry(now + wait - 1, 500)).toBe(false);
    now += wait;
    expect([breaker.mayTry(now, 500), breaker.mayTry(now, 500)]).toEqual([true, false]);
  }
});

test('an answer ends the waiting', () => {
  const breaker = new Breaker();
  breaker.failed(0);
  breaker.succeeded();
  expect([breaker.mayTry(1, 500), breaker.mayTry(1, 500), breaker.isOpen]).toEqual([true, true, false]);
});

test('a trial that never ends is followed by another', () => {
  const breaker = new Breaker();
  breaker.failed(0);
  expect([1_000, 1_499, 1_500].map((now) => breaker.mayTry(now, 500))).toEqual([true, false, true]);
});

test('many that fail at once make nobody wait longer than one does', () => {
  const breaker = new Breaker();
  for (let each = 0; each < 10; each++) {
    breaker.failed(each);
  }
  expect([breaker.mayTry(999, 500), breaker.mayTry(1_000, 500)]).toEqual([false, true]);
});
