import { Command, CommanderError, Option } from 'commander';
import { version } from '../../package.json' with { type: 'json' };
import { type InstallFlags, usual } from '../install/flags.ts';
import { install } from '../install/install.bun.ts';
import { printLine, printOutput } from '../plugin/streams.bun.ts';
import { type PreflightFlags, preflight } from '../preflight/preflight.bun.ts';
import { addAgent } from './agent.bun.ts';
import { addPlan } from './plan.bun.ts';
import { type SweepFlags, sweep } from './sweep.bun.ts';

/**
 * A subcommand typed by an admin.
 *
 * @param words the command line after the program's name
 * @returns the exit status
 */
export async function runCommand(words: readonly string[]): Promise<number> {
  let status = 0;
  const program = new Command('realip')
    .description(
      'Gives pods real addresses on the physical network.\n\nContainer runtimes call it as a CNI plugin, with CNI_COMMAND and its fellows set.\nConfiguration: docs/cni.md',
    )
    .version(`realip ${version}`, '--version', 'print the version')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => printOutput(text.trimEnd()),
      writeErr: (text) => printLine(text.trimEnd()),
    });
  program
    .command('version')
    .description('print the version')
    .action(() => printOutput(`realip ${version}`));
  program
    .command('preflight')
    .description('find out, within 5 seconds, whether pods will get their network on this node')
    .option('--conf <file>', 'conf list to judge (default: the installed one, if there is one)')
    .addOption(new Option('-o, --output <format>', 'how to answer').choices(['text', 'json']).default('text'))
    .action(async (flags: PreflightFlags) => {
      status = await preflight(flags);
    });
  program
    .command('install')
    .description('put executables, state folder and conf list in place, the conf last; or take them away')
    .option('--conf <file>', 'conf list to install as 00-realip.conflist')
    .option('--remove', 'take away what install put in place, the conf first')
    .option('--bin-dir <folder>', 'where the runtime looks for plugins', usual.binDir)
    .option('--conf-dir <folder>', 'where the runtime looks for conf lists', usual.confDir)
    .option('--socket <path>', `the agent's (default: the conf's ipam.agent, or ${usual.socket})`)
    .option('--state <folder>', `(default: the conf's ipam.stateDir, or ${usual.state})`)
    .option('--wait <time>', 'how long to wait for a ready agent: 60s, 2m', '60s')
    .option('--no-agent', 'wait for none: the plugin asks the servers itself')
    .option('--drained', 'never mind pods that live on this node')
    .option('--purge', 'with --remove: the state folder goes too')
    .action(async (flags: InstallFlags) => {
      status = await install(flags);
    });
  program
    .command('sweep')
    .description(
      'find out which addresses of a range somebody on the network has, before pods are given them',
    )
    .requiredOption('--range <first-last>', 'addresses to ask for, or one')
    .option('--master <interface>', 'whose network to ask (default: the device of the default route)')
    .addOption(new Option('-o, --output <format>', 'how to answer').choices(['text', 'json']).default('text'))
    .action((flags: SweepFlags) => {
      status = sweep(flags);
    });
  addPlan(program, (ended) => {
    status = ended;
  });
  addAgent(program, (ended) => {
    status = ended;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : 2;
    }
    throw error;
  }
}
