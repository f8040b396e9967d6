// What a run's own tests left on the machine when all are over: nothing of the product may leave anything. Others may be
// testing on this machine, too: only what is surely this run's counts.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Where a run's tests write down the network namespaces that they make (netlink/testing/add-namespace.ts).
 * @param {string} folder in which the run's tests write
 */
export function namespaceList(folder) {
  return join(folder, 'namespaces');
}

/** Network namespaces that the run's tests made, and that are there yet. */
function namespacesOf(folder, netns) {
  const list = namespaceList(folder);
  const made = existsSync(list) ? readFileSync(list, 'utf8').split('\n') : [];
  return [...new Set(made)]
    .filter((name) => name !== '' && existsSync(join(netns, name)))
    .map((name) => `network namespace ${name}`);
}

/** Processes that were started by this run's tests, known by the folder in which they all write. */
function processesOf(folder) {
  const textOf = (pid, file) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ').trim();
    } catch {
      // It has ended, or it is not ours to look into.
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => [textOf(pid, 'cmdline'), textOf(pid, 'environ')].some((text) => text.includes(folder)))
    .map((pid) => `process ${pid}: ${textOf(pid, 'cmdline').slice(0, 200)}`);
}

/**
 * What is there still of a run that is over; processes may take a moment to end.
 * @param {string} folder in which the run's tests wrote
 * @param {number} seconds that processes have for it
 * @param {string} netns where the machine's network namespaces are mounted
 */
export async function leftBehind(folder, seconds = 60, netns = '/run/netns') {
  const look = () => [...namespacesOf(folder, netns), ...processesOf(folder)];
  for (let halves = 0; halves < 2 * seconds && look().length > 0; halves++) {
    await sleep(500);
  }
  return look();
}

/**
 * Reports whether leaving something is a fault: who passed at once has no excuse. A test that failed may not have come
 * to clearing away, and clusters that were to be kept are.
 * @param {{failed: number, mended: number}} counts of the run: tests that failed, files that passed only when run again
 * @param {NodeJS.ProcessEnv} env
 */
export function isFault({ failed, mended }, env) {
  return failed === 0 && mended === 0 && env.REALIP_CLUSTER_KEEP !== '1';
}
