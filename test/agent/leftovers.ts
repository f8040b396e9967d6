import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

/**
 * Removes what tests of a process that is no more left behind: the network namespaces of its `Network`s, and the
 * programs in them. Those of processes that live are left alone.
 */
export function removeLeftovers(): void {
  const names = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  for (const name of names) {
    const pid = /^rk(\d+)-/.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) {
      continue;
    }
    const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
    for (const each of stdout.split('\n').filter(Boolean)) {
      spawnSync('kill', ['-KILL', each]);
    }
    spawnSync('ip', ['netns', 'delete', name]);
  }
}
