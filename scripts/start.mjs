// `npm start`: installs, builds and runs the lab (test/lab), passing its flags on.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { installAndBuild, need } from './ready.mjs';
import { root } from './root.mjs';

await installAndBuild();
need('The lab', ['ip', 'nsenter', 'nft', 'openssl']);

const lab = spawn(process.execPath, [join(root, 'dist', 'lab.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
// A terminal sends Ctrl-C to the lab as well, which cleans up; this process only waits for it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => lab.kill('SIGTERM'));
lab.on('close', (code) => process.exit(code ?? 1));
