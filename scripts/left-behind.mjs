// What tests leave on the machine when all are over: it is told, since nothing of the product may leave anything.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const netnsFolder = '/run/netns';

/** Names of the machine's network namespaces. */
export function namespaces() {
  return existsSync(netnsFolder) ? readdirSync(netnsFolder) : [];
}

/**
 * Network namespaces that tests made and left: tests name them after their process.
 * @param {readonly string[]} before those that there were when the run began
 * @param {readonly string[]} now
 * @param {(pid: string) => boolean} isAlive others may be testing on this machine too
 */
export function leftNamespaces(before, now, isAlive) {
  return now.filter((name) => {
    const pid = /^(?:rk|realip-nl-|realip-kube-)(\d+)-/.exec(name)?.[1];
    return pid !== undefined && !before.includes(name) && !isAlive(pid);
  });
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
 * @param {readonly string[]} before the machine's namespaces when it began
 * @param {number} seconds that processes have for it
 */
export async function leftBehind(folder, before, seconds = 10) {
  const look = () => [
    ...leftNamespaces(before, namespaces(), (pid) => existsSync(`/proc/${pid}`)).map(
      (name) => `network namespace ${name}`,
    ),
    ...processesOf(folder),
  ];
  for (let halves = 0; halves < 2 * seconds && look().length > 0; halves++) {
    await sleep(500);
  }
  return look();
}
