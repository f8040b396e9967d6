import { Command, CommanderError } from 'commander';
import { Problem } from '../../core/problem/problem.ts';
import { backup } from './backup.ts';
import { restore } from './restore.ts';
import { verify } from './verify.ts';

/** The file of `sqlite:FILE`; @throws Problem FLAG_INVALID */
function fileOf(text: string): string {
  const file = /^sqlite:(.+)$/s.exec(text)?.[1];
  if (file === undefined) {
    throw new Problem('FLAG_INVALID', `"${text}" is not sqlite:FILE`);
  }
  return file;
}

function program(worker: URL): Command {
  const all = new Command('realip-ipam-server');
  const command = (name: string, description: string) =>
    all
      .command(name)
      .description(description)
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
  command('backup', 'Copy a ledger while no server has it open; GET /v1/backup copies a running server’s.')
    .requiredOption('--from <store>', 'sqlite:FILE', fileOf)
    .requiredOption('--to <file>', 'a new file')
    .action((flags: { from: string; to: string }) => backup(flags.from, flags.to, worker));
  command('restore', 'Begin a new epoch of the ledger with a backup.')
    .requiredOption('--from <file>', 'the backup; it is left as it is')
    .requiredOption('--to <store>', 'sqlite:FILE', fileOf)
    .option('--force', 'put the ledger aside that is there')
    .action((flags: { from: string; to: string; force?: true }) =>
      restore(flags.from, flags.to, flags.force === true, worker),
    );
  command('verify', 'Look at every page, record and event of a ledger or a backup.')
    .requiredOption('--store <store>', 'sqlite:FILE', fileOf)
    .action((flags: { store: string }) => verify(flags.store, worker));
  return all;
}

/** Reports whether the command line names a subcommand. */
export function isSubcommand([name = '']: readonly string[]): boolean {
  return ['backup', 'restore', 'verify'].includes(name);
}

/**
 * Runs the subcommand that the command line names.
 *
 * @param worker the built sqlite-worker.js
 * @throws Problem FLAG_INVALID, STORE_*, BACKUP_*; CommanderError with exit code 0 after --help
 */
export async function runSubcommand(args: readonly string[], worker: URL): Promise<void> {
  try {
    await program(worker).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0) {
      throw new Problem('FLAG_INVALID', error.message.replace(/^error: /, ''), {}, error);
    }
    throw error;
  }
}
