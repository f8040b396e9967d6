import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

/** Which files its runner takes: what uses FFI is Bun's, all else Jest's. */
const isOf = {
  bun: (path) => path.endsWith('.bun.test.ts'),
  jest: (path) => /\.test\.(ts|mjs)$/.test(path) && !path.endsWith('.bun.test.ts'),
};

/**
 * A suite's test files, relative to the repository's root.
 * @param {import('./suites.mjs').Suite} suite
 * @returns {string[]}
 */
export function testFiles({ runner, paths }) {
  return paths
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((path) => join(folder, path)),
    )
    .filter(isOf[runner])
    .sort();
}
