import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = '/var/tmp/realip-cluster';
const program = join(import.meta.dirname, '../../dist/cluster.js');

/** Takes down the clusters that this run of tests brought up, unless they are to be kept. */
export default function tearDown() {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of process.env.REALIP_CLUSTER_KEEP === '1' ? [] : names) {
    const state = join(folder, name, 'state.json');
    if (existsSync(state) && JSON.parse(readFileSync(state, 'utf8')).run === process.env.REALIP_TEST_RUN) {
      spawnSync(process.execPath, [program, 'down', '--name', name], { stdio: 'inherit' });
    }
  }
}
