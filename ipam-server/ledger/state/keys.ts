import type { KeyRecord } from './record.ts';

/** The answers kept for calls that may come again, the oldest first. */
export class Keys {
  readonly #records = new Map<string, KeyRecord>();
  #characters = 0;

  get size(): number {
    return this.#records.size;
  }

  /** The length of all answers together. */
  get characters(): number {
    return this.#characters;
  }

  get(name: string): KeyRecord | undefined {
    return this.#records.get(name);
  }

  /** The oldest first. */
  all(): Iterable<readonly [name: string, record: KeyRecord]> {
    return this.#records;
  }

  put(name: string, record: KeyRecord | null): void {
    this.#characters -= this.#records.get(name)?.answer.length ?? 0;
    // Put anew it is the youngest.
    this.#records.delete(name);
    if (record !== null) {
      this.#records.set(name, record);
      this.#characters += record.answer.length;
    }
  }
}
