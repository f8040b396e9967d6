import { rfc5227 } from '../../../core/lan/rfc5227.ts';

/** Where a pod waits, the randomness is this little: each time is the shortest that RFC 5227 allows, and up to so much. */
const urgentSlack = 100;

/** A number from 0 to 1, the latter never reached; `Math.random` for one. */
export type Random = () => number;

/**
 * When one address is asked for, and from when on it is nobody's (RFC 5227 §2.1.1). Times are milliseconds of any clock
 * that only goes forward.
 */
export class Rounds {
  readonly #random: Random;
  #isUrgent: boolean;
  #sent = 0;
  #last = 0;
  #dueAt: number;

  /** @param hold how long the first question is put off, so that a cluster doesn't ask all at once; an urgent one isn't */
  constructor(now: number, how: { readonly isUrgent: boolean; readonly hold: number }, random: Random) {
    this.#random = random;
    this.#isUrgent = how.isUrgent;
    this.#dueAt = how.isUrgent ? now + this.#slack() : now + how.hold + random() * rfc5227.probeWait;
  }

  get isUrgent(): boolean {
    return this.#isUrgent;
  }

  /** How many questions went out. */
  get sent(): number {
    return this.#sent;
  }

  /** When the next question is due, or after the last one, when the wait for objections is over. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** Whether all has been asked; when it is due then, nobody has the address. */
  get isAsked(): boolean {
    return this.#sent === rfc5227.probes;
  }

  /** A pod waits for it from now on. */
  hurry(now: number): void {
    if (!this.#isUrgent) {
      this.#isUrgent = true;
      const soonest = this.#sent === 0 ? now + this.#slack() : this.#last + this.#gap();
      this.#dueAt = this.isAsked ? this.#dueAt : Math.min(this.#dueAt, soonest);
    }
  }

  /** A question went out just now; the next one counts from here, however late this one was. */
  asked(now: number): void {
    this.#sent += 1;
    this.#last = now;
    this.#dueAt = now + (this.isAsked ? rfc5227.announceWait : this.#gap());
  }

  /** From the beginning: what was asked may not have reached the network. */
  restart(now: number): void {
    this.#sent = 0;
    this.#dueAt = now + (this.#isUrgent ? this.#slack() : this.#random() * rfc5227.probeWait);
  }

  #gap(): number {
    const { probeMin, probeMax } = rfc5227;
    return this.#isUrgent ? probeMin + this.#slack() : probeMin + this.#random() * (probeMax - probeMin);
  }

  #slack(): number {
    return this.#random() * urgentSlack;
  }
}
