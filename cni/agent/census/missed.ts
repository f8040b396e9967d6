/** So many whole looks in a row tell that something isn't there; more tell nothing new. */
const looks = 2;

/** Attachments that should live, and that looks don't show: for how many whole looks that has been so. */
export class Missed {
  #times = new Map<string, number>();

  /** Reports whether a whole look would tell something new. */
  isNew(missing: readonly string[]): boolean {
    return missing.some((name) => (this.#times.get(name) ?? 0) < looks);
  }

  /** A whole look has been made, and these are missing still. */
  observe(missing: readonly string[]): void {
    this.#times = new Map(missing.map((name) => [name, (this.#times.get(name) ?? 0) + 1]));
  }
}
