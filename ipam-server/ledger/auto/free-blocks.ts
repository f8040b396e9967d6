import { type Family, Ip } from '../../../core/address/ip.ts';
import { Range } from '../../../core/address/range.ts';

/** Where a subnet has room: what ends first at an address or after it. */
export interface Room {
  readonly family: Family;
  /** All addresses of the subnet. */
  readonly range: Range;
  rangeFrom(ip: Ip): Range | undefined;
  giveableFrom(ip: Ip): Range | undefined;
}

/**
 * The blocks of a subnet, of one size and aligned to it, that overlap no range and hold an address that may be
 * given. It remembers below which address there is none, so that the next is found at once among thousands.
 */
export class FreeBlocks {
  readonly #room: Room;
  readonly #size: bigint;
  #from: bigint;

  constructor(room: Room, size: number) {
    this.#room = room;
    this.#size = BigInt(size);
    this.#from = room.range.first.value;
  }

  /** In order; each is looked for when it is asked for. */
  *all(): Iterable<Range> {
    const { family, range } = this.#room;
    let first: bigint | null = null;
    for (let at = this.#from; at + this.#size - 1n <= range.last.value; ) {
      const block = new Range(new Ip(family, at), new Ip(family, at + this.#size - 1n));
      const next = this.#past(block);
      if (next === null) {
        first ??= this.#from = at;
        yield block;
      }
      at = next ?? at + this.#size;
    }
    if (first === null) {
      this.#from = range.last.value + 1n;
    }
  }

  /** Tells that a range is gone. */
  comesBack(range: Range): void {
    const first = this.#down(range.first.value);
    this.#from = first < this.#from ? first : this.#from;
  }

  /** Where to look next when a block is none; null when it is one. */
  #past({ first, last }: Range): bigint | null {
    const taken = this.#room.rangeFrom(first);
    if (taken !== undefined && taken.first.compare(last) <= 0) {
      return this.#down(taken.last.value + this.#size);
    }
    const giveable = this.#room.giveableFrom(first);
    if (giveable === undefined) {
      return this.#room.range.last.value + 1n;
    }
    return giveable.first.compare(last) > 0 ? this.#down(giveable.first.value) : null;
  }

  /** The beginning of the block that an address is in. */
  #down(value: bigint): bigint {
    const base = this.#room.range.first.value;
    return value - ((value - base) % this.#size);
  }
}
