// `npm run cluster -- up | status | shell | down | build`: installs, builds and runs test/cluster, passing its
// words on.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { installAndBuild, need } from './ready.mjs';
import { root } from './root.mjs';

await installAndBuild();
need('The cluster', ['root', 'ip', 'nsenter', 'nft', 'iptables', 'openssl', 'curl', 'go', 'apt']);

const cluster = spawn(process.execPath, [join(root, 'dist', 'cluster.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
// A terminal sends Ctrl-C to it as well, which cleans up; this process only waits for it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => cluster.kill('SIGTERM'));
cluster.on('close', (code) => process.exit(code ?? 1));
