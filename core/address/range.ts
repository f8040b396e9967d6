import { Problem } from '../problem/problem.ts';
import { Ip } from './ip.ts';

/** Addresses from `first` to `last`, both included; an immutable value. */
export class Range {
  readonly first: Ip;
  readonly last: Ip;

  /** @throws Problem INVALID_RANGE for two families or a first address above the last. */
  constructor(first: Ip, last: Ip) {
    if (first.family !== last.family) {
      throw new Problem('INVALID_RANGE', `${first} and ${last} are of two families`);
    }
    if (first.value > last.value) {
      throw new Problem('INVALID_RANGE', `the first address ${first} is above the last, ${last}`);
    }
    this.first = first;
    this.last = last;
  }

  /** `a` or `a-b`, as excludes are written; @throws Problem INVALID_ADDRESS or INVALID_RANGE. */
  static parse(text: string): Range {
    const [first = '', last = first, ...rest] = text.split('-');
    if (rest.length > 0) {
      throw new Problem('INVALID_RANGE', `"${text}" is neither an address nor two with a hyphen between`);
    }
    return new Range(Ip.parse(first), Ip.parse(last));
  }

  get size(): bigint {
    return this.last.value - this.first.value + 1n;
  }

  contains(ip: Ip): boolean {
    return ip.family === this.first.family && ip.value >= this.first.value && ip.value <= this.last.value;
  }

  /** Reports whether every address of `other` is in this range. */
  covers(other: Range): boolean {
    return this.contains(other.first) && this.contains(other.last);
  }

  overlaps(other: Range): boolean {
    return this.contains(other.first) || other.contains(this.first);
  }

  /** What is left, in order, when `others` (of any order and family, overlapping or not) are taken away. */
  minus(others: readonly Range[]): Range[] {
    const holes = others.filter((hole) => this.overlaps(hole)).sort((a, b) => a.first.compare(b.first));
    const left: Range[] = [];
    let next = this.first.value;
    for (const hole of holes) {
      if (hole.first.value > next) {
        left.push(this.#part(next, hole.first.value - 1n));
      }
      if (hole.last.value >= next) {
        next = hole.last.value + 1n;
      }
    }
    if (next <= this.last.value) {
      left.push(this.#part(next, this.last.value));
    }
    return left;
  }

  #part(first: bigint, last: bigint): Range {
    return new Range(new Ip(this.first.family, first), new Ip(this.first.family, last));
  }

  toString(): string {
    return this.first.equals(this.last) ? `${this.first}` : `${this.first}-${this.last}`;
  }
}
