import { rfc5227 } from '../../../core/lan/rfc5227.ts';

/**
 * RFC 5227 §2.1.1: who meets conflict after conflict asks for one new address a minute and no more, since something
 * is wrong with the network, such as a router that claims them all. An address that is found free ends it.
 */
export class ConflictLimit {
  #inARow = 0;
  #begunAt = Number.NEGATIVE_INFINITY;

  conflicted(): void {
    this.#inARow += 1;
  }

  found(): void {
    this.#inARow = 0;
  }

  get isReached(): boolean {
    return this.#inARow >= rfc5227.maxConflicts;
  }

  /** Whether one more address may be asked for now; @param now milliseconds */
  mayBegin(now: number): boolean {
    return !this.isReached || now - this.#begunAt >= rfc5227.rateLimitInterval;
  }

  began(now: number): void {
    this.#begunAt = now;
  }
}
