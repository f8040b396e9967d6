import { reasonOf } from '../../../core/problem/problem.ts';

export interface LoopParts {
  /** What is done each time. */
  readonly task: () => Promise<void>;
  /** Milliseconds after which it is done again without a kick. */
  readonly everyMs: number;
  /** Told of each failure; the next try follows by itself. */
  readonly onFailure: (error: unknown, reason: string) => void;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly after: After;
}

/** Does something in so many milliseconds, unless the function that is answered is called before. */
export type After = (milliseconds: number, act: () => void) => () => void;

export const afterTimeout: After = (milliseconds, act) => {
  const timer = setTimeout(act, milliseconds);
  return () => clearTimeout(timer);
};

/** Milliseconds after a failure, doubled from try to try, a half more by chance. */
const pause = { first: 200, most: 10_000 } as const;

/**
 * A task that is done again and again, one at a time: soon after a kick, otherwise after a while, and after a failure
 * later and later. A kick while it is under way has it done once more.
 */
export class Loop {
  readonly #parts: LoopParts;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #isKicked = false;
  #isStopped = false;
  #failures = 0;

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** As soon as can be; a pause after a failure is kept, unless it is cut short. */
  kick(cutsPause = false): void {
    if (this.#isStopped || (this.#failures > 0 && !cutsPause && this.#cancel !== undefined)) {
      return;
    }
    if (this.#running !== undefined) {
      this.#isKicked = true;
      return;
    }
    this.#schedule(0);
  }

  /** Kept once what is under way has ended; nothing begins after it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
  }

  #schedule(milliseconds: number): void {
    this.#cancel?.();
    this.#cancel = this.#parts.after(milliseconds, () => {
      this.#cancel = undefined;
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
        if (!this.#isStopped) {
          this.#schedule(this.#next());
        }
      });
    });
  }

  async #run(): Promise<void> {
    this.#isKicked = false;
    try {
      await this.#parts.task();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.#parts.onFailure(error, reasonOf(error));
    }
  }

  #next(): number {
    if (this.#failures > 0) {
      const grown = Math.min(pause.most, pause.first * 2 ** (this.#failures - 1));
      return grown * (1 + this.#parts.random() / 2);
    }
    return this.#isKicked ? 0 : this.#parts.everyMs;
  }
}
