import type { AllocationRecord } from './record.ts';

/** Where the hashes begin: differs from process to process, so that nobody can prepare names that meet. */
const seed = Math.trunc(performance.timeOrigin * 4096) >>> 0;

/**
 * Allocations by a text of their own, such as an address: a hash table that keeps no keys, in less than half of a
 * Map's memory. Several may share a text.
 */
export class RecordTable {
  #records: (AllocationRecord | undefined)[] = emptySlots(16);
  #hashes = new Uint32Array(16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The first allocation of a text that is meant; others may only have the same hash. */
  find(text: string, isMeant: (record: AllocationRecord) => boolean): AllocationRecord | undefined {
    const hash = hashOf(text);
    const mask = this.#hashes.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const record = this.#records[at];
      if (record === undefined || (this.#hashes[at] === hash && isMeant(record))) {
        return record;
      }
    }
  }

  add(text: string, record: AllocationRecord): void {
    if (this.#size * 5 >= this.#records.length * 3) {
      this.#grow();
    }
    this.#size++;
    this.#put(hashOf(text), record);
  }

  remove(text: string, record: AllocationRecord): void {
    const mask = this.#hashes.length - 1;
    let hole = hashOf(text) & mask;
    while (this.#records[hole] !== record) {
      if (this.#records[hole] === undefined) {
        return;
      }
      hole = (hole + 1) & mask;
    }
    this.#size--;
    // What stands behind the hole and could not be found beyond it moves into it.
    for (let at = (hole + 1) & mask; this.#records[at] !== undefined; at = (at + 1) & mask) {
      const home = (this.#hashes[at] ?? 0) & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        this.#records[hole] = this.#records[at];
        this.#hashes[hole] = this.#hashes[at] ?? 0;
        hole = at;
      }
    }
    this.#records[hole] = undefined;
  }

  #put(hash: number, record: AllocationRecord): void {
    const mask = this.#hashes.length - 1;
    let at = hash & mask;
    while (this.#records[at] !== undefined) {
      at = (at + 1) & mask;
    }
    this.#records[at] = record;
    this.#hashes[at] = hash;
  }

  #grow(): void {
    const [records, hashes] = [this.#records, this.#hashes];
    this.#records = emptySlots(records.length * 2);
    this.#hashes = new Uint32Array(records.length * 2);
    for (const [i, record] of records.entries()) {
      if (record !== undefined) {
        this.#put(hashes[i] ?? 0, record);
      }
    }
  }
}

function emptySlots(count: number): undefined[] {
  return Array.from({ length: count }, () => undefined);
}

/** FNV-1a, stirred at its end. */
function hashOf(text: string): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
