import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from './host.ts';

/**
 * Makes the table `inet realip` belong to a process, so that the kernel lets nobody else touch it.
 *
 * @returns gives it up; the table goes with its owner
 */
export async function holdTable(host: Host): Promise<() => Promise<void>> {
  const owner = host.start('nft', ['-i']);
  const ended = once(owner, 'exit');
  owner.stdin?.write('add table inet realip { flags owner; }\n');
  while (!host.run('nft', ['list', 'tables']).stdout.includes('realip')) {
    await sleep(10);
  }
  return async () => {
    owner.stdin?.end();
    await ended;
  };
}
