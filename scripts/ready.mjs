// What every script does first: packages, build, and the machine's own programs.
import { build } from './build.mjs';
import { install } from './install.mjs';
import { missing, parts, provide } from './parts.mjs';

/** Installs and builds; ends the process with the compiler's words if that fails. */
export async function installAndBuild() {
  install();
  await build().catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}

/** Sees to it that programs are there; ends the process with each one's cure where they can't be had. */
export function need(what, names) {
  provide(names);
  const lacking = missing(names);
  if (lacking.length > 0) {
    console.error(`${what} can't run:\n${lacking.map((name) => `  ${parts[name].cure}`).join('\n')}`);
    process.exit(1);
  }
}
