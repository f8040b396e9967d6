// Brings node_modules to what package-lock.json says; does nothing when it already is. Needs only Node and npm,
// because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

const stamp = join(root, 'node_modules', '.realip-lock');

/** Installs the locked packages without running their install scripts (none is needed). */
export function install() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    console.error(`realip needs Node 20 or newer; this is ${process.version}.`);
    process.exit(1);
  }
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) {
    return;
  }
  console.log('Installing packages (npm ci) …');
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (npm.status !== 0) {
    console.error('npm ci failed; its message is above. Is the npm registry reachable from here?');
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}
