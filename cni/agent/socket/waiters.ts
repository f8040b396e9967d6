/** How a wait ended without what was waited for. */
export type Unserved = 'late' | 'gone' | 'ended' | 'stopped';

interface Waiter {
  readonly name: string;
  /** Takes what it waits for; reports whether it has done with waiting. */
  readonly attempt: () => boolean;
  readonly end: (how: Unserved) => void;
}

/** Who waits for an address, in the order of their coming. */
export class Waiters {
  #all: Waiter[] = [];
  #isStopped = false;

  get count(): number {
    return this.#all.length;
  }

  /**
   * @param name of the attachment
   * @param attempt undefined: there is nothing for it yet; what it throws ends the wait
   * @param signal of the client's hanging up
   */
  wait<T>(
    name: string,
    attempt: () => T | undefined,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<T | Unserved> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', hangUp);
        this.#all = this.#all.filter((each) => each !== waiter);
      };
      const end = (how: Unserved) => {
        stop();
        resolve(how);
      };
      const hangUp = () => end('gone');
      const waiter: Waiter = {
        name,
        end,
        attempt: () => {
          try {
            const got = attempt();
            if (got === undefined) {
              return false;
            }
            stop();
            resolve(got);
          } catch (error) {
            stop();
            reject(error);
          }
          return true;
        },
      };
      const timer = setTimeout(() => end('late'), milliseconds);
      this.#all.push(waiter);
      if (this.#isStopped) {
        end('stopped');
      } else if (signal.aborted) {
        hangUp();
      } else {
        signal.addEventListener('abort', hangUp);
      }
    });
  }

  /** Lets each try in turn: something may have become ready. */
  serve(): void {
    for (const waiter of this.#all) {
      waiter.attempt();
    }
  }

  /** Ends the waiting of one attachment. */
  end(name: string): void {
    for (const waiter of this.#all.filter((each) => each.name === name)) {
      waiter.end('ended');
    }
  }

  /** Ends all waiting, also what would begin after it. */
  stop(): void {
    this.#isStopped = true;
    for (const waiter of this.#all) {
      waiter.end('stopped');
    }
  }
}
