import fc from 'fast-check';
import { History } from './history.ts';
import { step } from './step.ts';

/** Everyday runs try some; `REALIP_HISTORIES=5000` many. `REALIP_SEED` repeats a run. */
const histories = Number(process.env['REALIP_HISTORIES'] ?? 150);
const seed = process.env['REALIP_SEED'];

test('in every life of a server, crashes and failed commits included: one owner an address, nothing acknowledged lost or resurrected, rest kept, totals equal, events true', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const history = new History();
      await history.begin();
      for (const each of steps) {
        await history.take(each);
      }
      await history.finish();
    }),
    { numRuns: histories, ...(seed === undefined ? {} : { seed: Number(seed) }) },
  );
}, 3_600_000);
