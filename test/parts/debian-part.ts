import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './cache.ts';

/** Programs of Debian packages, unpacked aside: no daemon is started, and what is installed stays as it is. */
export interface DebianPart {
  readonly name: string;
  readonly packages: readonly string[];
}

/**
 * Gives the folder into which a part's packages are unpacked (`usr/bin` and so on beneath it), fetching them when
 * they aren't cached yet. Their version is that of the machine's Debian.
 *
 * @throws Error with the words of apt or dpkg
 */
export function debianPart({ name, packages }: DebianPart): string {
  const folder = join(cacheFolder(), `debian-${name}`);
  if (existsSync(folder)) {
    return folder;
  }
  console.log(`Fetching ${packages.join(', ')} from Debian, once …`);
  const work = mkdtempSync(join(tmpdir(), 'realip-part-'));
  // apt fetches as a user of its own.
  chmodSync(work, 0o777);
  const half = `${folder}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  try {
    if (run(work, 'apt-get', 'download', '-qq', ...packages) !== '') {
      run(work, 'apt-get', 'update', '-qq');
      must(work, 'apt-get', 'download', '-qq', ...packages);
    }
    for (const file of readdirSync(work)) {
      must(work, 'dpkg-deb', '--extract', file, half);
    }
    renameSync(half, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(half, { recursive: true, force: true });
  }
  return folder;
}

/** What went wrong; empty when all went well. */
function run(cwd: string, command: string, ...args: string[]): string {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return status === 0 ? '' : `${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`;
}

function must(cwd: string, command: string, ...args: string[]): void {
  const fault = run(cwd, command, ...args);
  if (fault !== '') {
    throw new Error(fault);
  }
}
