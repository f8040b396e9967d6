import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { removeCgroups } from '../runtimes/leftovers.ts';
import { until } from '../server/until.ts';
import { closePage } from './page.ts';
import type { Place } from './place.ts';
import { Sysctls } from './sysctls.ts';

const namespacesFolder = '/run/netns';

/** Reports whether anything of a cluster is on the machine. */
export function isThere(place: Place): boolean {
  return existsSync(place.folder) || namespacesOf(place).length > 0;
}

/**
 * Removes all that a cluster made, also when whoever brought it up was killed half way: it goes by names, not by what
 * was written down. Only processes within the cluster's own network namespaces, and its page's, are ended; with a machine's first
 * process go all its others, and all its mounts.
 */
export async function removeCluster(place: Place): Promise<void> {
  closePage(place);
  // What a killed `up` had just begun may still come into being.
  await until(
    `nothing of the cluster ${place.name} runs`,
    () => {
      const left = namespacesOf(place);
      for (const name of left) {
        const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
        for (const pid of stdout.split('\n').filter(Boolean)) {
          end(Number(pid));
        }
      }
      for (const name of left) {
        spawnSync('ip', ['netns', 'delete', name]);
      }
      return left.length === 0;
    },
    60_000,
  );
  await removeCgroups(place.cgroup);
  rmSync(place.folder, { recursive: true, force: true });
  new Sysctls().restore();
}

function namespacesOf(place: Place): string[] {
  const names = existsSync(namespacesFolder) ? readdirSync(namespacesFolder) : [];
  return names.filter((name) => name.startsWith(place.prefix));
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
