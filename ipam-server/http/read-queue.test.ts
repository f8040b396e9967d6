import { setImmediate as nextTurn } from 'node:timers/promises';
import { ReadQueue } from './read-queue.ts';

test('reads begin at once while there are few, and a few each turn when there are many', async () => {
  const queue = new ReadQueue({ waiting: 100, patienceMs: 1_000 }, () => 0);
  let begun = 0;
  for (let i = 0; i < 50; i++) {
    queue.enter(
      () => begun++,
      () => {},
    );
  }
  const turns = [begun];
  while (begun < 50) {
    await nextTurn();
    turns.push(begun);
  }
  expect(turns).toEqual([16, 32, 48, 50]);
});

test('long turns make fewer reads a turn, short ones more again', async () => {
  let now = 0;
  const queue = new ReadQueue({ waiting: 1_000, patienceMs: 60_000 }, () => now);
  let begun = 0;
  let cost = 50;
  const enter = () =>
    queue.enter(
      () => {
        begun++;
        now += cost;
      },
      () => {},
    );
  for (let i = 0; i < 100; i++) {
    enter();
  }
  for (let i = 0; i < 6; i++) {
    await nextTurn();
  }
  const before = begun;
  await nextTurn();
  expect(begun - before).toBe(1);
  cost = 0;
  for (let i = 0; i < 20; i++) {
    await nextTurn();
  }
  expect(begun).toBe(100);
});

test('what does not fit is refused, and what has waited too long', async () => {
  let now = 0;
  const queue = new ReadQueue({ waiting: 10, patienceMs: 100 }, () => now);
  let refused = 0;
  for (let i = 0; i < 30; i++) {
    queue.enter(
      () => {},
      () => refused++,
    );
  }
  expect(refused).toBe(4);
  now = 101;
  await nextTurn();
  await nextTurn();
  expect(refused).toBe(14);
});
