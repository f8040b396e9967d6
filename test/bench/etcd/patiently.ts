import { setTimeout as sleep } from 'node:timers/promises';

/** Attempts, and milliseconds between them. */
const [tries, pause] = [20, 500];

/**
 * Does something that may be done twice until it succeeds: a server may lose its lead on a machine that hesitates, and
 * minutes of measuring shouldn't end by it. What that takes counts.
 *
 * @throws what the last attempt throws
 */
export async function patiently<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  for (let left = tries; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left <= 1) {
        throw error;
      }
      await sleep(pause);
    }
  }
}
