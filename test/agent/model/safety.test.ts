import fc from 'fast-check';
import { step } from './step.ts';
import { World } from './world.ts';

const runs = Number(process.env['REALIP_MODEL_RUNS'] ?? 300);
const seed = process.env['REALIP_SEED'];

test('agent and ledger together never give one address to two pods, whatever crashes, and agree in the end', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 100, size: 'max' }), (steps) => {
      const world = new World();
      for (const each of steps) {
        world.take(each);
      }
      world.settle();
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed: Number(seed) }) },
  );
});
