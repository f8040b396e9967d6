import { closedLoop } from './closed-loop.ts';

test('as many calls are made as were asked for, so many at a time, each with a number of its own', async () => {
  const serials: number[] = [];
  let running = 0;
  let most = 0;
  const load = await closedLoop(
    async (serial) => {
      running++;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      serials.push(serial);
      running--;
    },
    { inFlight: 4, calls: 10 },
  );
  expect(serials.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(most).toBe(4);
  expect(load.perSecond).toBeGreaterThan(0);
});

test('a call that fails is the end of the load', async () => {
  const refused = () => Promise.reject(new Error('refused'));
  await expect(closedLoop(refused, { inFlight: 2, seconds: 1 })).rejects.toThrow('refused');
});
