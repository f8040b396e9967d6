import { Ip } from '../../../core/address/ip.ts';
import type { Range } from '../../../core/address/range.ts';

/**
 * The addresses of a range that were never used, in order, whatever order they came back in: a server that starts
 * anew gives the same ones. What was passed over stays known, or comes back by name, so the cursor never looks back.
 */
export class FreshAddresses {
  readonly #parts: readonly Range[];
  readonly #isKnown: (address: string) => boolean;
  /** Those behind the cursor that became unknown again, such as one whose reservation was deleted unused; the first last. */
  readonly #back: Ip[] = [];
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
    for (let ip = this.#back.at(-1); ip !== undefined; ip = this.#back.at(-1)) {
      if (!this.#isKnown(ip.toString())) {
        return ip;
      }
      this.#back.pop();
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
    if (isAhead) {
      return;
    }
    const at = this.#placeOf(ip);
    if (this.#back[at]?.value !== ip.value) {
      this.#back.splice(at, 0, ip);
    }
  }

  /** Where it stands among those that came back, or would stand. */
  #placeOf(ip: Ip): number {
    let [low, high] = [0, this.#back.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#back[middle]?.value ?? 0n) > ip.value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
