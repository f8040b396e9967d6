// `npm run bench`: installs, builds and runs the comparisons of test/bench, passing its flags on.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { missing, parts, provide } from './parts.mjs';
import { root } from './root.mjs';

const needed = ['root', 'ip', 'nsenter', 'openssl', 'curl', 'go'];

install();
await build().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
provide(needed);
const lacking = missing(needed);
if (lacking.length > 0) {
  console.error(`The bench can't run:\n${lacking.map((name) => `  ${parts[name].cure}`).join('\n')}`);
  process.exit(1);
}
const bench = [join(root, 'dist', 'bench.js'), ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, bench, { cwd: root, stdio: 'inherit' }).status ?? 1);
