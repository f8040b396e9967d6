/** What looks left over is taken for it only when it does so twice in a row, and the second look missed nothing. */
export class LeftoversTwice {
  #before: ReadonlySet<string> = new Set();

  /** Reports whether something waits for a whole look. */
  get isWaiting(): boolean {
    return this.#before.size > 0;
  }

  /**
   * @param now what nobody seems to need
   * @param isWhole whether nothing that might need it was overlooked
   * @returns what nobody needs
   */
  observe(now: readonly string[], isWhole: boolean): string[] {
    const again = now.filter((each) => this.#before.has(each));
    this.#before = new Set(now);
    return isWhole ? again : [];
  }
}
