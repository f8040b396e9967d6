import { Problem } from '../../core/problem/problem.ts';
import { flock } from '../journal/flock.bun.ts';
import type { Lock } from '../journal/lock.ts';

const betweenMs = 100;

/**
 * Waits for its turn: one install at a time. The kernel ends that of one that was killed.
 *
 * @param state the state folder
 * @throws Problem INSTALL_BUSY
 */
export async function awaitTurn(state: string, limitMs: number): Promise<Lock> {
  const path = `${state}/install.lock`;
  const end = performance.now() + limitMs;
  for (;;) {
    const lock = flock(path, false);
    if (lock !== undefined) {
      return lock;
    }
    if (performance.now() > end) {
      throw new Problem(
        'INSTALL_BUSY',
        `another install holds ${path}; waited ${limitMs / 1000} s for its end`,
      );
    }
    await Bun.sleep(betweenMs);
  }
}
