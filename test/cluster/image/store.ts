import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder } from '../../parts/cache.ts';
import { containerd } from '../../parts/catalogue.ts';
import { goPart } from '../../parts/go-part.ts';
import { sha256 } from '../../parts/seal.ts';
import { containerdConfig } from '../../runtimes/containerd-config.ts';
import { until } from '../../server/until.ts';

/** Stores that no cluster was made from during a day go. */
const keptMs = 86_400_000;

/**
 * Gives a containerd's folder (its `root`) in which images are there already: to import them takes a node ten seconds
 * and more, to take a copy of this none. Made once for the same images.
 *
 * @param archives files of imageFile(): their names tell their content
 * @returns the folder; see `copyStore`
 * @throws Error with containerd's words
 */
export async function imageStore(archives: readonly string[]): Promise<string> {
  const stores = join(cacheFolder(), 'stores');
  const folder = join(
    stores,
    sha256([containerd.version, ...archives.map((file) => basename(file))].join()).slice(0, 16),
  );
  if (!existsSync(folder)) {
    mkdirSync(stores, { recursive: true });
    const half = mkdtempSync(join(stores, '.half-'));
    try {
      await fill(half, archives);
      renameSync(join(half, 'root'), folder);
    } catch (error) {
      // Another process may have made the same meanwhile.
      if (!existsSync(folder)) {
        throw error;
      }
    } finally {
      rmSync(half, { recursive: true, force: true });
    }
  }
  const now = new Date();
  utimesSync(folder, now, now);
  forgetOld(stores);
  return folder;
}

/**
 * Makes a containerd's folder from a store: by hard links where both are on one disk, since content and layers are never
 * written to again. Its databases are, so they are copied.
 */
export function copyStore(store: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const isOneDisk = statSync(store).dev === statSync(folder).dev;
  const way = isOneDisk ? '--link' : '--reflink=auto';
  execFileSync('cp', ['--archive', way, '--no-target-directory', store, folder]);
  for (const name of databasesOf(store)) {
    rmSync(join(folder, name));
    cpSync(join(store, name), join(folder, name));
  }
}

/** Where containerd and its overlay snapshotter keep what they know, beneath the store. */
function databasesOf(store: string): string[] {
  return readdirSync(store).flatMap((plugin) =>
    readdirSync(join(store, plugin))
      .filter((name) => name.endsWith('.db'))
      .map((name) => join(plugin, name)),
  );
}

/** Has a containerd take images, into the folder `root`; it ends before this is done. */
async function fill(work: string, archives: readonly string[]): Promise<void> {
  const programs = goPart(containerd);
  const file = join(work, 'containerd.toml');
  const socket = join(work, 'containerd.sock');
  writeFileSync(
    file,
    containerdConfig({ root: join(work, 'root'), state: join(work, 'state'), socket, cri: null }),
  );
  // With mounts of its own, and no longer than this process, so that nothing stays whatever happens.
  const bound = ['--mount', '--propagation=private', 'setpriv', '--pdeathsig=KILL'];
  const command = [join(programs, 'containerd'), '--config', file, '--log-level', 'error'];
  const server = spawn('unshare', [...bound, ...command], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ctr = (...args: string[]) =>
    spawnSync(join(programs, 'ctr'), ['--address', socket, '--namespace', 'k8s.io', ...args], {
      encoding: 'utf8',
    });
  try {
    await until('containerd serves', () => {
      if (server.exitCode !== null) {
        throw new Error(`containerd ended with status ${server.exitCode}`);
      }
      return ctr('version').status === 0;
    });
    for (const archive of archives) {
      const { status, stderr } = ctr('images', 'import', archive);
      if (status !== 0) {
        throw new Error(`containerd does not take ${archive}: ${stderr}`);
      }
    }
  } finally {
    if (server.exitCode === null) {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    }
  }
  // Who a containerd is, it finds out by itself.
  rmSync(join(work, 'root', 'io.containerd.grpc.v1.introspection'), { recursive: true, force: true });
}

function forgetOld(stores: string): void {
  for (const name of readdirSync(stores)) {
    const { mtimeMs } = statSync(join(stores, name), { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > keptMs) {
      rmSync(join(stores, name), { recursive: true, force: true });
    }
  }
}
