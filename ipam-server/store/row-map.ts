import { randomFillSync } from 'node:crypto';

/** A slot: 128 bits that stand for a key, and its row; row 0 is an empty slot. */
const width = 5;
const row = 4;

/**
 * Of each key the row that it is in. A ledger has hundreds of thousands of long keys, which would be most of
 * the thread's memory: 128 bits stand for each, from a start that nobody outside knows. That no two keys meet is
 * as good as certain; who changes a row names its key all the same.
 */
export class RowMap {
  readonly #start = randomFillSync(new Uint32Array(4));
  readonly #hash = new Uint32Array(4);
  #slots = new Uint32Array(1024 * width);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The row of a key; undefined when it has none. */
  get(key: string): number | undefined {
    return this.#slots[this.#find(key) + row] || undefined;
  }

  /** @param value from 1 to 2^32 - 1 */
  set(key: string, value: number): void {
    if (this.#size * 5 * width >= this.#slots.length * 4) {
      this.#grow();
    }
    const at = this.#find(key);
    this.#size += this.#slots[at + row] === 0 ? 1 : 0;
    this.#slots.set(this.#hash, at);
    this.#slots[at + row] = value;
  }

  delete(key: string): void {
    let hole = this.#find(key);
    if (this.#slots[hole + row] === 0) {
      return;
    }
    this.#size--;
    // What stands behind the hole and could not be found beyond it moves into it.
    for (let at = this.#next(hole); this.#slots[at + row] !== 0; at = this.#next(at)) {
      const home = this.#home(this.#slots[at] ?? 0);
      const isBetween = hole < at ? hole < home && home <= at : hole < home || home <= at;
      if (!isBetween) {
        this.#slots.copyWithin(hole, at, at + width);
        hole = at;
      }
    }
    this.#slots[hole + row] = 0;
  }

  /** The slot of a key, or the empty one where it would come. Leaves its 128 bits in `#hash`. */
  #find(key: string): number {
    this.#digest(key);
    const [a, b, c, d] = this.#hash;
    const slots = this.#slots;
    let at = this.#home(a ?? 0);
    while (slots[at + row] !== 0) {
      if (slots[at] === a && slots[at + 1] === b && slots[at + 2] === c && slots[at + 3] === d) {
        return at;
      }
      at = this.#next(at);
    }
    return at;
  }

  #home(first: number): number {
    return (first & (this.#slots.length / width - 1)) * width;
  }

  #next(at: number): number {
    return at + width === this.#slots.length ? 0 : at + width;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    for (let from = 0; from < before.length; from += width) {
      if (before[from + row] !== 0) {
        let at = this.#home(before[from] ?? 0);
        while (this.#slots[at + row] !== 0) {
          at = this.#next(at);
        }
        this.#slots.set(before.subarray(from, from + width), at);
      }
    }
  }

  /** Four chains of multiplications, each of which carries into the next (cyrb128). */
  #digest(key: string): void {
    let [a = 0, b = 0, c = 0, d = 0] = this.#start;
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      a = b ^ Math.imul(a ^ code, 597399067);
      b = c ^ Math.imul(b ^ code, 2869860233);
      c = d ^ Math.imul(c ^ code, 951274213);
      d = a ^ Math.imul(d ^ code, 2716044179);
    }
    a = Math.imul(c ^ (a >>> 18), 597399067);
    b = Math.imul(d ^ (b >>> 22), 2869860233);
    c = Math.imul(a ^ (c >>> 17), 951274213);
    d = Math.imul(b ^ (d >>> 19), 2716044179);
    const hash = this.#hash;
    hash[0] = a ^ b ^ c ^ d;
    hash[1] = b ^ a;
    hash[2] = c ^ a;
    hash[3] = d ^ a;
  }
}
