import { afterLiving } from './patience.ts';

/** Keeps this thread from all else, as a process that is stopped. */
function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

test('time in which the process stood still hardly counts', async () => {
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    afterLiving(80, () => {
      isOver = true;
      resolve();
    });
  });
  standStill(200);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isOver).toBe(false);
  await over;
});

test('what was taken back is not called', async () => {
  let isCalled = false;
  const takeBack = afterLiving(8, () => {
    isCalled = true;
  });
  takeBack();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isCalled).toBe(false);
});
