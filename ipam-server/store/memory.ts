import type { Batch, Entry, Store } from './store.ts';

/** A store that forgets with its process: for trials and tests. */
export class MemoryStore implements Store {
  readonly name = 'memory';
  readonly #records = new Map<string, string>();

  async load(): Promise<readonly Entry[]> {
    return [...this.#records];
  }

  async commit(batch: Batch): Promise<void> {
    for (const [key, value] of batch) {
      if (value === null) {
        this.#records.delete(key);
      } else {
        this.#records.set(key, value);
      }
    }
  }

  async close(): Promise<void> {}
}
