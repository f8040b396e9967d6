import fc from 'fast-check';
import type { Disk } from './disk.ts';
import { History } from './history.ts';
import { step } from './step.ts';

const seed = process.env['REALIP_SEED'];

/**
 * In every life of a server on a kind of disk, crashes and failed commits included: one owner an address, nothing
 * acknowledged lost or resurrected, rest kept, totals equal, events true. `REALIP_SEED` repeats a run.
 *
 * @param histories how many lives; `REALIP_HISTORIES=5000` many
 */
export async function checkSafety(histories: number, newDisk: () => Promise<Disk>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const history = new History(await newDisk());
      await history.begin();
      for (const each of steps) {
        await history.take(each);
      }
      await history.finish();
    }),
    {
      numRuns: Number(process.env['REALIP_HISTORIES'] ?? histories),
      ...(seed === undefined ? {} : { seed: Number(seed) }),
    },
  );
}
