// `npm run check`: everything that can be judged without running the product.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { install } from './install.mjs';
import { root } from './root.mjs';

const parts = ['core', 'schema', 'service', 'document', 'netlink', 'cni', 'ipam-server', 'webhook', 'test'];

const checks = [
  { name: 'format and lint', command: ['biome', 'check', '.'] },
  { name: 'types of core/ (no ambient types)', command: ['tsc', '-p', 'tsconfig.core.json'] },
  { name: 'types of what Node runs', command: ['tsc', '-p', 'tsconfig.node.json'] },
  { name: 'types of what Bun runs', command: ['tsc', '-p', 'tsconfig.bun.json'] },
  { name: 'types of Bun’s tests', command: ['tsc', '-p', 'tsconfig.bun-tests.json'] },
  { name: 'dependency direction and cycles', command: ['depcruise', '--output-type', 'err', ...parts] },
  { name: 'dead code and unused dependencies', command: ['knip'] },
  { name: 'file lengths and words', command: [process.execPath, 'scripts/house.mjs'] },
];

install();
let failed = 0;
for (const { name, command } of checks) {
  const [program, ...args] = command;
  const path = program.startsWith('/') ? program : join(root, 'node_modules', '.bin', program);
  const started = Date.now();
  const run = spawnSync(path, args, { cwd: root, encoding: 'utf8' });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${run.status === 0 ? '✔' : '✘'} ${name} (${seconds} s)`);
  if (run.status !== 0) {
    console.log(`${run.stdout ?? ''}${run.stderr ?? ''}${run.error?.message ?? ''}`);
    failed += 1;
  }
}
process.exit(failed === 0 ? 0 : 1);
