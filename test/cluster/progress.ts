/** Told how far something is, a line at a time. */
export type Tell = (line: string) => void;

/** Tells of each step how long it took, and when it was over since the beginning. */
export class Progress {
  readonly #began = performance.now();
  readonly #tell: Tell;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** Says something, and when. */
  tell(line: string): void {
    this.#tell(`${seconds(this.#began)}  ${line}`);
  }

  /** Does a step; @throws what it throws, naming the step */
  async step<T>(name: string, act: () => T | Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      const made = await act();
      this.tell(`${name} (${seconds(began).trim()})`);
      return made;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.tell(`${name}: ✘ ${why}`);
      throw new Error(`${name}: ${why}`, { cause: error });
    }
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1).padStart(5)} s`;
}
