// `npm start`: installs, builds and runs the lab (test/lab), passing its flags on.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { missing, parts, provide } from './parts.mjs';
import { root } from './root.mjs';

const needed = ['ip', 'nsenter', 'nft', 'openssl'];

install();
await build().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
provide(needed);
const lacking = missing(needed);
if (lacking.length > 0) {
  console.error(`The lab can't start:\n${lacking.map((name) => `  ${parts[name].cure}`).join('\n')}`);
  process.exit(1);
}

const lab = spawn(process.execPath, [join(root, 'dist', 'lab.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
// A terminal sends Ctrl-C to the lab as well, which cleans up; this process only waits for it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => lab.kill('SIGTERM'));
lab.on('close', (code) => process.exit(code ?? 1));
