import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { installAndBuild, need } from './ready.mjs';
import { root } from './root.mjs';

/**
 * Installs, builds, and runs a program of dist/ with this command's arguments; its status becomes this process's.
 * @param {string} program its name, without `.js`
 * @param {string} title what a user calls it, for what is said where a part of the machine is missing
 * @param {string[]} needs such parts
 */
export async function runBuilt(program, title, needs) {
  await installAndBuild();
  need(title, needs);
  const child = spawn(process.execPath, [join(root, 'dist', `${program}.js`), ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  // A terminal sends Ctrl-C to it as well, which cleans up; this process only waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('close', (code) => process.exit(code ?? 1));
}
