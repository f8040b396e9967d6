import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { missing, parts, provide } from './parts.mjs';
import { root } from './root.mjs';

/** Sees to it that programs are there; ends the process with each one's cure where they can't be had. */
function need(what, names) {
  provide(names);
  const lacking = missing(names);
  if (lacking.length > 0) {
    console.error(`${what} can't run:\n${lacking.map((name) => `  ${parts[name].cure}`).join('\n')}`);
    process.exit(1);
  }
}

/**
 * Installs, builds, and runs a program of dist/ with this command's arguments; its status becomes this process's, which
 * ends with the compiler's words where the build fails.
 * @param {string} program its name, without `.js`
 * @param {string} title what a user calls it, for what is said where a part of the machine is missing
 * @param {string[]} needs such parts
 */
export async function runBuilt(program, title, needs) {
  install();
  await build().catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
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
