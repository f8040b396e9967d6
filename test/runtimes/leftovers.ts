import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

const cgroups = '/sys/fs/cgroup';
const cgroupPrefix = 'realip-test-';

/** Under this all pods of a test process have their cgroups. */
export const cgroupParent = `/${cgroupPrefix}${process.pid}`;

/**
 * Takes away what tests left that were killed: their network namespaces with what runs in them, their cgroups. The
 * processes and mounts of their machines went with them.
 */
export async function removeLeftovers(): Promise<void> {
  for (const name of namesIn('/run/netns')) {
    if (isOfDead(/^rk(\d+)-/.exec(name)?.[1])) {
      const pids = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout.split('\n');
      spawnSync('kill', ['-9', ...pids.filter((pid) => pid !== '')]);
      spawnSync('ip', ['netns', 'delete', name]);
    }
  }
  for (const folder of hierarchies()) {
    for (const name of namesIn(folder)) {
      if (name.startsWith(cgroupPrefix) && isOfDead(name.slice(cgroupPrefix.length))) {
        await removeCgroup(join(folder, name));
      }
    }
  }
}

/** Takes away cgroups of whose processes all were killed: this process' own, or those under another parent. */
export async function removeCgroups(parent = cgroupParent): Promise<void> {
  for (const folder of hierarchies()) {
    await removeCgroup(join(folder, parent));
  }
}

/** One of cgroup v2, or one a controller. */
function hierarchies(): string[] {
  return [cgroups, ...namesIn(cgroups).map((name) => join(cgroups, name))];
}

/** A killed process holds its cgroup until it has ended. */
async function removeCgroup(folder: string): Promise<void> {
  await until(`${folder} is empty`, () => {
    removeEmpty(folder);
    return true;
  });
}

function removeEmpty(folder: string): void {
  if (!existsSync(folder)) {
    return;
  }
  for (const each of readdirSync(folder, { withFileTypes: true })) {
    if (each.isDirectory()) {
      removeEmpty(join(folder, each.name));
    }
  }
  rmdirSync(folder);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // There is none, or it is a file.
    return [];
  }
}

/** One that ended, and may not have been waited for, has no program. */
function isOfDead(pid: string | undefined): boolean {
  return pid !== undefined && /^\d+$/.test(pid) && !existsSync(`/proc/${pid}/exe`);
}
