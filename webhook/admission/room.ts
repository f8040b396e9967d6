import { Problem } from '../../core/problem/problem.ts';

interface Waiter {
  readonly bytes: number;
  readonly admit: () => void;
}

/** Gives back what was taken; more than once is as good as once. */
export type GiveBack = () => void;

/** So many bytes may be held at a time; who comes when it is full waits, in the order of coming. */
export class Room {
  #free: number;
  readonly #waitMs: number;
  readonly #queue: Waiter[] = [];

  /** @param waitMs after which who waits is refused */
  constructor(bytes: number, waitMs: number) {
    this.#free = bytes;
    this.#waitMs = waitMs;
  }

  /**
   * Takes bytes, at once or when its turn has come.
   *
   * @param leaves settles when the caller goes away, who then takes nothing
   * @throws Problem WEBHOOK_BUSY
   */
  async take(bytes: number, leaves: AbortSignal): Promise<GiveBack> {
    if (this.#queue.length > 0 || bytes > this.#free) {
      await this.#turn(bytes, leaves);
    } else {
      this.#free -= bytes;
    }
    let isHeld = true;
    return () => {
      if (isHeld) {
        isHeld = false;
        this.#free += bytes;
        this.#admit();
      }
    };
  }

  #turn(bytes: number, leaves: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(limit);
        leaves.removeEventListener('abort', gone);
      };
      const leave = (error: Error) => {
        end();
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        reject(error);
        // A smaller one behind it may fit.
        this.#admit();
      };
      const gone = () => leave(new Error('the caller went away'));
      const limit = setTimeout(() => leave(busy(this.#waitMs)), this.#waitMs);
      leaves.addEventListener('abort', gone);
      const waiter: Waiter = {
        bytes,
        admit: () => {
          end();
          resolve();
        },
      };
      this.#queue.push(waiter);
    });
  }

  #admit(): void {
    for (let next = this.#queue[0]; next !== undefined && next.bytes <= this.#free; next = this.#queue[0]) {
      this.#queue.shift();
      this.#free -= next.bytes;
      next.admit();
    }
  }
}

function busy(waitMs: number): Problem {
  return new Problem(
    'WEBHOOK_BUSY',
    `the bodies of other calls left no room for this one within ${waitMs} ms`,
  );
}
