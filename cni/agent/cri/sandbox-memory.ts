import type { Sandbox } from './sandbox.ts';

/** Milliseconds between two answers that count as two. */
const apart = 5_000;

/** Which sandboxes the runtime has, had, and has forgotten, as far as this agent was there to see it. */
export class SandboxMemory {
  /** Those of the last answer. */
  #present = new Map<string, boolean>();
  /** Those that an answer had and a later one lacked: when it lacked them first. */
  readonly #missing = new Map<string, number>();
  readonly #gone = new Set<string>();

  /** @param now milliseconds since the epoch */
  observe(sandboxes: readonly Sandbox[], now: number): void {
    const present = new Map(sandboxes.map(({ id, isReady }) => [id, isReady]));
    for (const id of this.#present.keys()) {
      if (!present.has(id)) {
        this.#missing.set(id, now);
      }
    }
    for (const [id, since] of this.#missing) {
      if (present.has(id)) {
        this.#missing.delete(id);
      } else if (now - since >= apart) {
        this.#missing.delete(id);
        this.#gone.add(id);
      }
    }
    for (const id of present.keys()) {
      this.#gone.delete(id);
    }
    this.#present = present;
  }

  /** It ran when the runtime was last heard. While the runtime is away that stands. */
  isReady(id: string): boolean {
    return this.#present.get(id) === true;
  }

  /** The runtime had it once, and twice in a row has it no more. What it never had says nothing. */
  isGone(id: string): boolean {
    return this.#gone.has(id);
  }

  /** Forgets what is gone, except what is asked about still. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#gone) {
      if (!ids.has(id)) {
        this.#gone.delete(id);
      }
    }
  }
}
