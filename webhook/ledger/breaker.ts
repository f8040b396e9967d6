const firstMs = 1_000;
const mostMs = 30_000;

/**
 * Whom nobody answers need not be waited for by every pod: after a failure the next try is a second later, then twice
 * as long each time, up to half a minute; one try at a time. Time is handed in, in milliseconds.
 */
export class Breaker {
  #failures = 0;
  #nextTry = 0;
  #trialUntil = 0;

  /** Whether to ask now; while it is open, true is said to one asker only. */
  mayTry(now: number, trialMs: number): boolean {
    if (this.#failures === 0) {
      return true;
    }
    if (now < this.#nextTry || now < this.#trialUntil) {
      return false;
    }
    this.#trialUntil = now + trialMs;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#trialUntil = 0;
  }

  /** Of many that were asked before the first of them failed, one counts. */
  failed(now: number): void {
    if (this.isOpen && now < this.#nextTry) {
      return;
    }
    this.#nextTry = now + Math.min(mostMs, firstMs * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 10);
  }

  get isOpen(): boolean {
    return this.#failures > 0;
  }
}
