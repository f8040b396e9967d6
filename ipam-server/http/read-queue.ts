/** A call that waits for its turn. */
interface Waiting {
  readonly since: number;
  readonly go: () => void;
  readonly refuse: () => void;
}

/** How long a turn of the event loop may take until fewer reads a turn are begun, and until more are. */
const longTurnMs = 20;
const shortTurnMs = 5;
const mostPerTurn = 16;

export interface ReadLimits {
  /** Calls that wait at most. */
  readonly waiting: number;
  /** Milliseconds after which a waiting call is refused: its client has given up, or soon will. */
  readonly patienceMs: number;
}

/**
 * Lets reads begin a few at each turn of the event loop, so that the changes that came meanwhile go between: a list
 * takes milliseconds, an allocation a fraction of one. How many a turn follows from how long turns take.
 */
export class ReadQueue {
  readonly #limits: ReadLimits;
  readonly #now: () => number;
  readonly #waiting: Waiting[] = [];
  #perTurn = mostPerTurn;
  #begun = 0;
  #turnStart: number | null = null;

  constructor(limits: ReadLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Calls `go` at once or at a later turn, or `refuse`. */
  enter(go: () => void, refuse: () => void): void {
    if (this.#waiting.length >= this.#limits.waiting) {
      refuse();
      return;
    }
    if (this.#waiting.length === 0 && this.#begun < this.#perTurn) {
      this.#begin(go);
      return;
    }
    this.#waiting.push({ since: this.#now(), go, refuse });
  }

  #begin(go: () => void): void {
    this.#begun++;
    if (this.#turnStart === null) {
      this.#turnStart = this.#now();
      setImmediate(() => this.#turn());
    }
    go();
  }

  #turn(): void {
    const now = this.#now();
    const took = now - (this.#turnStart ?? now);
    if (took > longTurnMs) {
      this.#perTurn = Math.max(1, this.#perTurn >> 1);
    } else if (took < shortTurnMs) {
      this.#perTurn = Math.min(mostPerTurn, this.#perTurn + 1);
    }
    this.#begun = 0;
    this.#turnStart = null;
    while (this.#begun < this.#perTurn) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        return;
      }
      if (now - next.since > this.#limits.patienceMs) {
        next.refuse();
      } else {
        this.#begin(next.go);
      }
    }
  }
}
