import { Ip } from '../../core/address/ip.ts';
import { Range } from '../../core/address/range.ts';
import type { AddressRange } from '../../schema/range.ts';
import type { ConflictRecord, ReleasedRecord } from './record.ts';
import { type Contested, type Released, WaitingQueue } from './waiting.ts';

/**
 * So many addresses at rest a range, and the oldest of them is preferred to one never used: the ledger keeps
 * one record a used address, and a range of 2^32 must not become as many records by coming and going.
 */
const restingBound = 65_536;

/** How long the addresses of a subnet wait before they are given again, in milliseconds. */
export interface Waits {
  readonly cooldown: number;
  readonly quarantine: number;
}

/**
 * The addresses of one range: which comes next. Never-used ones come first, in order, because nobody's
 * neighbour cache knows them; then released ones, first released first, once they have rested; last those that
 * somebody else had been seen to use, after their quarantine. Each question costs the same whatever the range's
 * size and fill.
 */
export class Pool {
  readonly name: string;
  readonly spec: AddressRange;
  readonly range: Range;
  /** How many addresses it may give in all. */
  readonly total: number;
  readonly #parts: readonly Range[];
  readonly #isKnown: (address: string) => boolean;
  readonly #resting = new WaitingQueue<ReleasedRecord>();
  readonly #contested = new WaitingQueue<ConflictRecord>();
  #part = 0;
  #next: bigint | null = null;
  #allocated = 0;

  /**
   * @param holes the subnet's addresses that are never given
   * @param isKnown reports whether an address has an owner or was used before
   */
  constructor(
    name: string,
    spec: AddressRange,
    holes: readonly Range[],
    isKnown: (address: string) => boolean,
  ) {
    this.name = name;
    this.spec = spec;
    this.range = new Range(Ip.parse(spec.start), Ip.parse(spec.end));
    this.#parts = this.range.minus(holes);
    this.total = Number(this.#parts.reduce((sum, part) => sum + part.size, 0n));
    this.#isKnown = isKnown;
  }

  /** The parts of the range that may be given, in order. */
  get parts(): readonly Range[] {
    return this.#parts;
  }

  get isDisabled(): boolean {
    return this.spec.disabled === true;
  }

  get allocated(): number {
    return this.#allocated;
  }

  /** The address that rests longest, rested enough or not. */
  get oldest(): Released | null {
    return this.#resting.first;
  }

  /** Reports whether the range may ever give the address. */
  gives(ip: Ip): boolean {
    return this.#parts.some((part) => part.contains(ip));
  }

  /** The next address to give, of those that are free; undefined when there is none. */
  next(now: number, { cooldown, quarantine }: Waits): Ip | undefined {
    const used = this.#resting.waitedFor(cooldown, now) ?? this.#contested.waitedFor(quarantine, now);
    const isCrowded = this.#resting.size + this.#contested.size > restingBound;
    return isCrowded ? (used?.ip ?? this.#fresh()) : (this.#fresh() ?? used?.ip);
  }

  /** How many released addresses have not rested enough. */
  cooling(now: number, { cooldown }: Waits): number {
    return this.#resting.countSince(now - cooldown);
  }

  /** How many addresses without an owner are in quarantine. */
  quarantined(now: number, { quarantine }: Waits): number {
    return this.#contested.countSince(now - quarantine);
  }

  /** Tells the pool of an address of its range that has got an owner. */
  occupied(): void {
    this.#allocated++;
  }

  /** Tells the pool of an address of its range that has lost its owner. */
  vacated(): void {
    this.#allocated--;
  }

  rests(entry: Released): void {
    this.#resting.push(entry);
  }

  restsNoMore(entry: Released): void {
    this.#resting.remove(entry);
  }

  /** Tells the pool of an address of its range that nobody has and somebody else was seen to use. */
  contested(entry: Contested): void {
    this.#contested.push(entry);
  }

  contestedNoMore(entry: Contested): void {
    this.#contested.remove(entry);
  }

  /** The first address never used. What was passed over stays known, so the cursor never looks back. */
  #fresh(): Ip | undefined {
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
}
