import { setTimeout as sleep } from 'node:timers/promises';
import { slowness } from '../../netlink/testing/slowness.ts';

/** On a machine that does nothing else. */
const longestMs = 30_000;

/** Waits until something holds; what throws doesn't hold yet. @throws when it takes too long, naming it */
export async function until(what: string, holds: () => unknown): Promise<void> {
  const began = Date.now();
  for (;;) {
    let reason: unknown = 'it does not hold';
    try {
      if (await holds()) {
        return;
      }
    } catch (error) {
      reason = error;
    }
    if (Date.now() - began > longestMs * slowness()) {
      throw new Error(`waited in vain until ${what}: ${reason}`);
    }
    await sleep(20);
  }
}
