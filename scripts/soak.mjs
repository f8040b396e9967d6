// `npm run soak [-- SUITE …]`: the long variants of everything that everyday runs try a sample of; takes an hour or
// more. What is set already is kept, and nothing is run again: what fails once in a thousand is looked for here.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './root.mjs';

const long = {
  /** Storms, comings and goings, and footprints: minutes in place of seconds. */
  REALIP_SOAK: '1',
  /** Each fault at each place, and malformed calls that nobody has seen yet. */
  REALIP_FAULTS: 'all',
  REALIP_MALFORMED: '10000',
  /** Generated lives of server and agent. */
  REALIP_HISTORIES: '5000',
  REALIP_MODEL_RUNS: '3000',
  /** Generated requests, for so many milliseconds. */
  REALIP_FUZZ_MS: '120000',
  /** How often the server is killed while it writes. */
  REALIP_KILLS: '100',
  REALIP_RERUN: 'off',
};

const asked = process.argv.slice(2);
// Those whose tests read any of these.
const suites = asked.length > 0 ? asked : ['agent', 'faults', 'server', 'etcd', 'cluster'];
const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'test.mjs'), ...suites], {
  stdio: 'inherit',
  env: { ...long, ...process.env },
});
process.exit(status ?? 1);
