// `npm run story`: installs, builds and runs test/cluster/story, passing its flags on.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { installAndBuild, need } from './ready.mjs';
import { root } from './root.mjs';

await installAndBuild();
need('The story', ['root', 'ip', 'nsenter', 'nft', 'iptables', 'openssl', 'curl', 'go', 'apt']);

const story = spawn(process.execPath, [join(root, 'dist', 'story.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
// A terminal sends Ctrl-C to it as well, which cleans up; this process only waits for it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => story.kill('SIGTERM'));
story.on('close', (code) => process.exit(code ?? 1));
