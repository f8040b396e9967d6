import { printAbout } from './about.ts';
import { type OpenDoors, runPlugin } from './plugin/plugin.ts';

// Who was called: the plugin by a runtime, a subcommand by an admin, or nobody in particular.
const [, , ...words] = process.argv;
const calledAs = process.argv0.split('/').at(-1) ?? '';

const openDoors: OpenDoors = async (config, given) =>
  (await import('./plugin/wiring.bun.ts')).openDoors(config, given);

if (process.env['CNI_COMMAND']) {
  process.exit(await runPlugin(process.env, calledAs, openDoors));
} else if (words.length > 0) {
  const { runCommand } = await import('./command/command.bun.ts');
  process.exit(await runCommand(words));
} else {
  printAbout();
}
