// `npm run bench`: installs, builds and runs the comparisons of test/bench, passing its flags on.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { installAndBuild, need } from './ready.mjs';
import { root } from './root.mjs';

await installAndBuild();
need('The bench', ['root', 'ip', 'nsenter', 'openssl', 'curl', 'go', 'sockperf', 'iperf3', 'ss']);

const bench = [join(root, 'dist', 'bench.js'), ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, bench, { cwd: root, stdio: 'inherit' }).status ?? 1);
