import type { Ip } from '../../../core/address/ip.ts';
import type { Range } from '../../../core/address/range.ts';

interface Entry<Thing> {
  readonly range: Range;
  readonly thing: Thing;
}

/**
 * Things that never overlap, by their addresses: finds what an address belongs to in logarithmic time. All are of
 * one family, or of two whose addresses are never mixed up.
 */
export class IntervalMap<Thing> {
  readonly #entries: Entry<Thing>[];

  constructor(things: Iterable<Thing>, rangeOf: (thing: Thing) => Range) {
    this.#entries = Array.from(things, (thing) => ({ range: rangeOf(thing), thing })).sort((a, b) =>
      a.range.first.compare(b.range.first),
    );
  }

  /** Adds one that overlaps none. */
  add(range: Range, thing: Thing): void {
    this.#entries.splice(this.#after(range.first), 0, { range, thing });
  }

  /** Takes out the one that begins where this range does. */
  remove(range: Range): void {
    const at = this.#after(range.first) - 1;
    if (this.#entries[at]?.range.first.equals(range.first)) {
      this.#entries.splice(at, 1);
    }
  }

  find(ip: Ip): Thing | undefined {
    const last = this.#entries[this.#after(ip) - 1];
    return last?.range.contains(ip) ? last.thing : undefined;
  }

  /** The first that ends at an address or after it. */
  from(ip: Ip): Entry<Thing> | undefined {
    const at = this.#after(ip);
    const before = this.#entries[at - 1];
    return before?.range.contains(ip) ? before : this.#entries[at];
  }

  /** How many begin at an address or before it. */
  #after(ip: Ip): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && entry.range.first.compare(ip) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
