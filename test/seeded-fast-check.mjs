// What tests get for `fast-check` (jest.config.js): with REALIP_SEED each property generates the same again.
import fc from '../node_modules/fast-check/lib/fast-check.js';

const seed = process.env['REALIP_SEED'];
if (seed !== undefined) {
  fc.configureGlobal({ seed: Number(seed) });
}

export * from '../node_modules/fast-check/lib/fast-check.js';
export default fc;
