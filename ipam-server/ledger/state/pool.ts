import { Ip } from '../../../core/address/ip.ts';
import { Range } from '../../../core/address/range.ts';
import type { AddressRange } from '../../../schema/range.ts';
import type { ClaimedState } from './claims.ts';
import { FreshAddresses } from './fresh-addresses.ts';
import { IntervalMap } from './interval-map.ts';
import type { ConflictRecord, ReleasedRecord } from './record.ts';
import type { Stand } from './stand.ts';
import { type Released, WaitingQueue } from './waiting.ts';

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

/** How many addresses of a range are claimed in one way, and which of them are contested besides. */
class Claimed {
  count = 0;
  readonly contested = new WaitingQueue<ConflictRecord>();
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
  /** The parts of the range that may be given, in order. */
  readonly parts: readonly Range[];
  readonly #byAddress: IntervalMap<Range>;
  readonly #fresh: FreshAddresses;
  readonly #resting = new WaitingQueue<ReleasedRecord>();
  readonly #contested = new WaitingQueue<ConflictRecord>();
  readonly #claimed: Readonly<Record<ClaimedState, Claimed>> = {
    warm: new Claimed(),
    reserved: new Claimed(),
  };
  #allocated = 0;

  /**
   * @param network the subnet, which says what of the range may be given
   * @param isKnown reports whether an address stands elsewhere than among the unknown ones
   */
  constructor(
    name: string,
    spec: AddressRange,
    network: { partsOf(range: Range): readonly Range[] },
    isKnown: (address: string) => boolean,
  ) {
    this.name = name;
    this.spec = spec;
    this.range = new Range(Ip.parse(spec.start), Ip.parse(spec.end));
    this.parts = network.partsOf(this.range);
    this.#byAddress = new IntervalMap(this.parts, (part) => part);
    this.total = Number(this.parts.reduce((sum, part) => sum + part.size, 0n));
    this.#fresh = new FreshAddresses(this.parts, isKnown);
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
    return this.#byAddress.find(ip) !== undefined;
  }

  /** The next address to give, of those that are free; undefined when there is none. */
  next(now: number, { cooldown, quarantine }: Waits): Ip | undefined {
    const used = this.#resting.waitedFor(cooldown, now) ?? this.#contested.waitedFor(quarantine, now);
    const isCrowded = this.#resting.size + this.#contested.size > restingBound;
    return isCrowded ? (used?.ip ?? this.#fresh.next()) : (this.#fresh.next() ?? used?.ip);
  }

  /** How many released addresses have not rested enough. */
  cooling(now: number, { cooldown }: Waits): number {
    return this.#resting.countSince(now - cooldown);
  }

  /** How many addresses without an owner are in quarantine. */
  quarantined(now: number, { quarantine }: Waits): number {
    const since = now - quarantine;
    const { warm, reserved } = this.#claimed;
    return [this.#contested, warm.contested, reserved.contested].reduce(
      (sum, queue) => sum + queue.countSince(since),
      0,
    );
  }

  /** How many addresses are claimed in one way, and in no quarantine. */
  claimed(state: ClaimedState, now: number, { quarantine }: Waits): number {
    const { count, contested } = this.#claimed[state];
    return count - contested.countSince(now - quarantine);
  }

  /** Takes an address of its parts in where it stands from now on. */
  enter(ip: Ip, stand: Stand): void {
    switch (stand.is) {
      case 'unknown':
        this.#fresh.comesBack(ip);
        return;
      case 'allocated':
        this.#allocated++;
        return;
      case 'resting':
        this.#resting.add(stand.entry);
        return;
      case 'contested':
        this.#contestedOf(stand.claim).add(stand.entry);
        this.#count(stand.claim, 1);
        return;
      default:
        this.#count(stand.is, 1);
    }
  }

  /** Takes an address out of where it stood until now. */
  leave(stand: Stand): void {
    switch (stand.is) {
      case 'unknown':
        return;
      case 'allocated':
        this.#allocated--;
        return;
      case 'resting':
        this.#resting.remove(stand.entry);
        return;
      case 'contested':
        this.#contestedOf(stand.claim).remove(stand.entry);
        this.#count(stand.claim, -1);
        return;
      default:
        this.#count(stand.is, -1);
    }
  }

  #contestedOf(claim: ClaimedState | undefined): WaitingQueue<ConflictRecord> {
    return claim === undefined ? this.#contested : this.#claimed[claim].contested;
  }

  #count(claim: ClaimedState | undefined, by: 1 | -1): void {
    if (claim !== undefined) {
      this.#claimed[claim].count += by;
    }
  }
}
