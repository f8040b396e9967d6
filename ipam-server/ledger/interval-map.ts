import type { Ip } from '../../core/address/ip.ts';
import type { Range } from '../../core/address/range.ts';

/** Finds what an address belongs to among things that never overlap, in logarithmic time. */
export class IntervalMap<Thing> {
  readonly #entries: readonly { readonly range: Range; readonly thing: Thing }[];

  constructor(things: Iterable<Thing>, rangeOf: (thing: Thing) => Range) {
    this.#entries = [...things]
      .map((thing) => ({ range: rangeOf(thing), thing }))
      .sort((a, b) => a.range.first.compare(b.range.first));
  }

  find(ip: Ip): Thing | undefined {
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
    const last = this.#entries[low - 1];
    return last?.range.contains(ip) ? last.thing : undefined;
  }
}
