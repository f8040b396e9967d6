import { readU8, readU16BigEndian } from '../../../netlink/message/octets.ts';
import { etherTypes } from '../../probe/ethernet.ts';

/** What was heard on one interface since the watch began. */
export interface Heard {
  /** ARP to all. */
  readonly arp: number;
  /** Neighbour solicitations and advertisements to a group. */
  readonly ndp: number;
  /** Frames of ARP and NDP that came faster than they were read, and were lost. */
  readonly dropped: number;
  /** MACs that spoke ARP or NDP within the last five to ten minutes; `mostSources` of them at most are told apart. */
  readonly sources: number;
}

/** More MACs than these are no network that a switch bears. */
export const mostSources = 16_384;

/** A MAC counts for one to two of these, in milliseconds: about as long as switches keep it. */
export const sourcesAge = 300_000;

export class Tally {
  #arp = 0;
  #ndp = 0;
  #dropped = 0;
  #recent = new Set<number>();
  #earlier = new Set<number>();
  #turnAt: number | undefined;

  count(frame: Uint8Array): void {
    if ((readU8(frame, 0) & 1) === 1) {
      readU16BigEndian(frame, 12) === etherTypes.arp ? this.#arp++ : this.#ndp++;
    }
    const source = sourceOf(frame);
    if (this.#recent.size + this.#earlier.size < mostSources || this.#earlier.has(source)) {
      this.#recent.add(source);
      this.#earlier.delete(source);
    }
  }

  lost(frames: number): void {
    this.#dropped += frames;
  }

  /** @param now milliseconds of a clock that only goes forward */
  at(now: number): Heard {
    this.#turnAt ??= now + sourcesAge;
    if (now >= this.#turnAt) {
      this.#earlier = this.#recent;
      this.#recent = new Set();
      this.#turnAt = now + sourcesAge;
    }
    const sources = this.#recent.size + this.#earlier.size;
    return { arp: this.#arp, ndp: this.#ndp, dropped: this.#dropped, sources };
  }
}

/** The source's MAC as a number: 48 bits fit. */
function sourceOf(frame: Uint8Array): number {
  let value = 0;
  for (let at = 6; at < 12; at++) {
    value = value * 256 + readU8(frame, at);
  }
  return value;
}
