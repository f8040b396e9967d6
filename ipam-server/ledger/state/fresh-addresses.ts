import { Ip } from '../../../core/address/ip.ts';
import type { Range } from '../../../core/address/range.ts';

/**
 * The addresses of a range that were never used, in order. What was passed over stays known, or comes back by
 * name, so the cursor never looks back and each step costs the same.
 */
export class FreshAddresses {
  readonly #parts: readonly Range[];
  readonly #isKnown: (address: string) => boolean;
  /** Those behind the cursor that became unknown again, such as one whose reservation was deleted unused. */
  readonly #back = new Map<bigint, Ip>();
  #part = 0;
  #next: bigint | null = null;

  /**
   * @param parts in order, of one family
   * @param isKnown reports whether an address is none of these any more
   */
  constructor(parts: readonly Range[], isKnown: (address: string) => boolean) {
    this.#parts = parts;
    this.#isKnown = isKnown;
  }

  /** The first of them; it stays the first until it is known. */
  next(): Ip | undefined {
    for (const [value, ip] of this.#back) {
      if (!this.#isKnown(ip.toString())) {
        return ip;
      }
      this.#back.delete(value);
    }
    for (;;) {
      const part = this.#parts[this.#part];
      if (part === undefined) {
        return undefined;
      }
      const value = this.#next ?? part.first.value;
      if (value > part.last.value) {
        this.#part++;
        this.#next = null;
        continue;
      }
      const ip = new Ip(part.first.family, value);
      if (!this.#isKnown(ip.toString())) {
        this.#next = value;
        return ip;
      }
      this.#next = value + 1n;
    }
  }

  /** Tells of an address that is unknown again. */
  comesBack(ip: Ip): void {
    const part = this.#parts[this.#part];
    const isAhead = part !== undefined && ip.value >= (this.#next ?? part.first.value);
    if (!isAhead) {
      this.#back.set(ip.value, ip);
    }
  }
}
