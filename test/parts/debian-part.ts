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

/** Where apt keeps what packages there are. */
const lists = '/var/lib/apt/lists';

const folderOf = ({ name }: DebianPart) => join(cacheFolder(), `debian-${name}`);

/** Reports whether a part's packages are cached. */
export function isFetched(part: DebianPart): boolean {
  return existsSync(folderOf(part));
}

/**
 * Gives the folder into which a part's packages are unpacked (`usr/bin` and so on beneath it), fetching them when
 * they aren't cached yet. Their version is that of the machine's Debian.
 *
 * @throws Error with the words of apt or dpkg
 */
export function debianPart(part: DebianPart): string {
  const folder = folderOf(part);
  if (isFetched(part)) {
    return folder;
  }
  const { packages } = part;
  // Not on standard output, on which test/parts/main.ts tells which parts are there.
  process.stderr.write(`Fetching ${packages.join(', ')} from Debian, once …\n`);
  const work = mkdtempSync(join(tmpdir(), 'realip-part-'));
  // apt fetches as a user of its own.
  chmodSync(work, 0o777);
  const half = `${folder}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  try {
    if (run(work, 'apt-get', 'download', '-qq', ...packages) !== '') {
      // One after the other, also with those beside this one: apt refuses a second, whose lists are half there.
      const anew = 'apt-get update -qq; exec apt-get download -qq "$@"';
      must(work, 'flock', lists, 'sh', '-c', anew, 'sh', ...packages);
    }
    for (const file of readdirSync(work)) {
      must(work, 'dpkg-deb', '--extract', file, half);
    }
    place(half, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(half, { recursive: true, force: true });
  }
  return folder;
}

/** Gives what is whole its name, unless another process that fetched it beside this one has done so. */
function place(half: string, folder: string): void {
  try {
    renameSync(half, folder);
  } catch (error) {
    if (!existsSync(folder)) {
      throw error;
    }
  }
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
