/** Milliseconds that a clock may be behind after a start, without being doubted: it is set again and again. */
const slack = 60_000;

/**
 * The server's time as far as this node can tell it. Addresses end by the server's clock; a node whose own is set
 * back must not give them longer for that.
 */
export class ServerClock {
  /** This node's clock when it was asked last. */
  #last: number;
  /** What was lost by setting it back. */
  #lost: number;
  #ahead: number;
  #isDoubtful: boolean;

  /**
   * @param ahead how far the server was ahead when it was heard last
   * @param seen this node's clock as it was seen before its agent ended
   */
  constructor(now: number, ahead: number, seen: number) {
    this.#last = now;
    this.#ahead = ahead;
    this.#lost = Math.max(0, seen - now);
    this.#isDoubtful = this.#lost > slack;
  }

  /** Since its last agent this node's clock has been set back, and the server wasn't heard: what is it by now? */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  /** Time that goes on when the clock is set back. */
  steady(now: number): number {
    if (now < this.#last) {
      this.#lost += this.#last - now;
    }
    this.#last = now;
    return now + this.#lost;
  }

  /** The server's time, rather too late than too early. */
  server(now: number): number {
    return this.steady(now) + this.#ahead;
  }

  /**
   * The server was heard.
   *
   * @param time its time as the answer has it
   * @param asked `steady` when it was asked
   * @returns how far it is ahead of this node's clock
   */
  heard(time: number, asked: number): number {
    this.#ahead = time - asked;
    this.#isDoubtful = false;
    return this.#ahead + this.#lost;
  }
}
