/** So many keys are remembered; more than that share one. */
const bound = 1_000;

/** Lets a thing that happens often be told seldom: once in a while a key, with how often it was passed over. */
export class Seldom {
  readonly #pause: number;
  readonly #now: () => number;
  readonly #told = new Map<string, { at: number; passedOver: number }>();
  #forgotAt = Number.NEGATIVE_INFINITY;

  /**
   * @param pause milliseconds
   * @param now milliseconds of any clock that only goes forward
   */
  constructor(pause: number, now: () => number) {
    this.#pause = pause;
    this.#now = now;
  }

  /** How often the key was passed over since it was told; null when it is to be passed over now. */
  tell(key: string): number | null {
    const now = this.#now();
    const known = this.#told.has(key) || this.#told.size < bound || this.#forget(now) ? key : '';
    const before = this.#told.get(known);
    if (before !== undefined && now - before.at < this.#pause) {
      before.passedOver += 1;
      return null;
    }
    this.#told.set(known, { at: now, passedOver: 0 });
    return before?.passedOver ?? 0;
  }

  /** Forgets what could be told again anyway; reports whether there is room then. */
  #forget(now: number): boolean {
    if (now - this.#forgotAt < this.#pause) {
      return false;
    }
    this.#forgotAt = now;
    for (const [key, { at }] of this.#told) {
      if (now - at >= this.#pause) {
        this.#told.delete(key);
      }
    }
    return this.#told.size < bound;
  }
}
