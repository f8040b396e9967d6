import { Command, CommanderError } from 'commander';
import { Problem } from '../../core/problem/problem.ts';
import { demand, oneLine } from '../../service/demand.ts';
import type { EtcdFlags } from '../store/etcd/endpoint.ts';
import { etcdOptions } from '../store/etcd/options.ts';
import { backup } from './backup.ts';
import { migrate } from './migrate.ts';
import { placesOf } from './places.ts';
import { restore } from './restore.ts';
import { verify } from './verify.ts';

const stores = 'sqlite:FILE or etcd:URL[,URL…]';

type Flags = EtcdFlags & { readonly from: string; readonly to: string };

function program(worker: URL): Command {
  const all = new Command('realip-ipam-server');
  const command = (name: string, description: string) =>
    all
      .command(name)
      .description(description)
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
  command(
    'backup',
    'Copy a ledger that no server has, into a file; GET /v1/backup copies a running server’s.',
  )
    .option('--from <store>', stores)
    .option('--to <file>', 'a new file')
    .action(({ from, to, ...etcd }: Flags, of: Command) => {
      demand(of, '--from', '--to');
      const [place] = placesOf([from], etcd, worker);
      return backup(place, to, worker);
    });
  command('restore', 'Begin a new epoch of the ledger with a backup.')
    .option('--from <file>', 'the backup; it is left as it is')
    .option('--to <store>', stores)
    .option('--force', 'put the ledger aside that is there')
    .action(({ from, to, force, ...etcd }: Flags & { force?: true }, of: Command) => {
      demand(of, '--from', '--to');
      const [place] = placesOf([to], etcd, worker);
      return restore(from, place, force === true, worker);
    });
  command('verify', 'Look at every record and event of a ledger or a backup, and at how they are kept.')
    .option('--store <store>', stores)
    .action(({ store, ...etcd }: EtcdFlags & { store: string }, of: Command) => {
      demand(of, '--store');
      const [place] = placesOf([store], etcd, worker);
      return verify(place);
    });
  command(
    'migrate',
    'Move a ledger to another store, in the same epoch; no server begins on the old one again.',
  )
    .option('--from <store>', stores)
    .option('--to <store>', 'the other of both, without a ledger')
    .action(({ from, to, ...etcd }: Flags, of: Command) => {
      demand(of, '--from', '--to');
      const [source, target] = placesOf([from, to], etcd, worker);
      return migrate(source, target);
    });
  for (const each of all.commands) {
    for (const option of etcdOptions()) {
      each.addOption(option);
    }
  }
  return all;
}

/** Reports whether the command line names a subcommand. */
export function isSubcommand([name = '']: readonly string[]): boolean {
  return ['backup', 'restore', 'verify', 'migrate'].includes(name);
}

/**
 * Runs the subcommand that the command line names.
 *
 * @param worker the built sqlite-worker.js
 * @throws Problem FLAG_INVALID, STORE_*, BACKUP_*, COPY_DIFFERS, ETCD_*; CommanderError with exit code 0 after --help
 */
export async function runSubcommand(args: readonly string[], worker: URL): Promise<void> {
  try {
    await program(worker).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0) {
      throw new Problem('FLAG_INVALID', oneLine(error), {}, error);
    }
    throw error;
  }
}
