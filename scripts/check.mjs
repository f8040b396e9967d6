// `npm run check`: everything that can be judged without running the product.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { install } from './install.mjs';
import { root } from './root.mjs';

const parts = ['core', 'schema', 'service', 'document', 'netlink', 'cni', 'ipam-server', 'webhook', 'test'];

const checks = [
  { name: 'types of what Node runs', command: ['tsc', '-p', 'tsconfig.node.json'] },
  { name: 'format and lint', command: ['biome', 'check', '.'] },
  { name: 'types of core/ (no ambient types)', command: ['tsc', '-p', 'tsconfig.core.json'] },
  { name: 'types of what Bun runs', command: ['tsc', '-p', 'tsconfig.bun.json'] },
  { name: 'types of Bun’s tests', command: ['tsc', '-p', 'tsconfig.bun-tests.json'] },
  { name: 'dependency direction and cycles', command: ['depcruise', '--output-type', 'err', ...parts] },
  { name: 'dead code and unused dependencies', command: ['knip'] },
  { name: 'file lengths and words', command: [process.execPath, 'scripts/house.mjs'] },
];

install();
/** The longest first; two at once, for each uses about one processor, and some much memory. */
const waiting = [...checks];
let failed = 0;

function runCheck({ name, command: [program, ...args] }) {
  const path = program.startsWith('/') ? program : join(root, 'node_modules', '.bin', program);
  const started = Date.now();
  return new Promise((resolve) => {
    execFile(path, args, { cwd: root, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      console.log(`${error === null ? '✔' : '✘'} ${name} (${seconds} s)`);
      if (error !== null) {
        console.log(stdout || stderr ? `${stdout}${stderr}` : error.message);
        failed += 1;
      }
      resolve();
    });
  });
}

async function runWaiting() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    await runCheck(next);
  }
}

await Promise.all([runWaiting(), runWaiting()]);
process.exit(failed === 0 ? 0 : 1);
