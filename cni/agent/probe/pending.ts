import type { Ip } from '../../../core/address/ip.ts';
import type { Claim } from '../../probe/claim.ts';
import type { Rounds } from './rounds.ts';

interface Waiter {
  readonly resolve: (claim: Claim | undefined) => void;
  readonly reject: (reason: unknown) => void;
}

/** An address that is being asked for, and who waits to hear of it. */
export class Pending {
  readonly ip: Ip;
  isUrgent: boolean;
  /** Undefined until its turn is planned. */
  rounds: Rounds | undefined;
  readonly #waiters = new Map<Waiter, () => void>();

  constructor(ip: Ip, isUrgent: boolean) {
    this.ip = ip;
    this.isUrgent = isUrgent;
  }

  get isForsaken(): boolean {
    return this.#waiters.size === 0;
  }

  /** @param signal gives it up for this one that waits; @param forsaken is told when nobody waits any more */
  wait(signal: AbortSignal, forsaken: () => void): Promise<Claim | undefined> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      const giveUp = () => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
        if (this.isForsaken) {
          forsaken();
        }
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiters.set(waiter, () => signal.removeEventListener('abort', giveUp));
    });
  }

  settle(claim: Claim | undefined): void {
    this.#end(({ resolve }) => resolve(claim));
  }

  fail(reason: unknown): void {
    this.#end(({ reject }) => reject(reason));
  }

  #end(tell: (waiter: Waiter) => void): void {
    for (const [waiter, unlisten] of this.#waiters) {
      unlisten();
      tell(waiter);
    }
    this.#waiters.clear();
  }
}
