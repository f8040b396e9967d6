import { printAbout } from './about.ts';
import { runPlugin } from './plugin/plugin.ts';
import { openDoors } from './plugin/wiring.bun.ts';

// Who was called: the plugin by a runtime, a subcommand by an admin, or nobody in particular.
const [, , ...words] = process.argv;
const calledAs = process.argv0.split('/').at(-1) ?? '';

if (process.env['CNI_COMMAND']) {
  process.exit(await runPlugin(process.env, calledAs, openDoors));
} else if (words.length > 0) {
  const { runCommand } = await import('./command/command.bun.ts');
  process.exit(await runCommand(words));
} else {
  printAbout();
}
