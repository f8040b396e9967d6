import { nodeFramesPerSecond } from '../../../core/lan/limits.ts';

/** So many may go at once after a silence: a burst of pods on a cold node. */
export const burst = 200;
/** What of that is kept for pods that wait. */
export const keptForUrgent = 100;

/**
 * How many broadcasts a node may send: a token bucket that probes, re-checks and repeated announcements share. Times
 * are milliseconds of any clock that only goes forward.
 */
export class Pace {
  #tokens = burst;
  #at: number | undefined;

  /** Takes the right to send so many frames; false: not now, and nothing is taken. */
  take(frames: number, isUrgent: boolean, now: number): boolean {
    const passed = Math.max(0, now - (this.#at ?? now));
    this.#at = now;
    this.#tokens = Math.min(burst, this.#tokens + (passed * nodeFramesPerSecond) / 1000);
    if (this.#tokens - frames < (isUrgent ? 0 : keptForUrgent)) {
      return false;
    }
    this.#tokens -= frames;
    return true;
  }
}
