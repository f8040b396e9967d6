import { Ip } from '../../../core/address/ip.ts';
import type { AddressRange } from '../../../schema/range.ts';
import { Awaited } from './awaited.ts';
import { Claims } from './claims.ts';
import { Holders } from './holders.ts';
import { IntervalMap } from './interval-map.ts';
import { Keys } from './keys.ts';
import { Network } from './network.ts';
import { Pool } from './pool.ts';
import type {
  AgentRecord,
  AllocationRecord,
  ConflictRecord,
  EpochRecord,
  NodeRecord,
  RangeRecord,
  ReleasedRecord,
  ReservationRecord,
  SubnetRecord,
  Write,
  ZoneRecord,
} from './record.ts';
import type { Stand } from './stand.ts';
import { Touches } from './touches.ts';
import { type Contested, type Released, waiting } from './waiting.ts';

/** An address in the range that may give it. */
interface Place {
  readonly ip: Ip;
  readonly address: string;
  readonly pool: Pool;
}

/**
 * The state of the ledger, in memory. It is a function of its records: `apply` is the only way in, at load as
 * after each decision, so a restarted server knows exactly what the stopped one knew.
 */
export class Ledger {
  readonly zones = new Map<string, ZoneRecord>();
  readonly networks = new Map<string, Network>();
  readonly ranges = new Map<string, RangeRecord>();
  readonly nodes = new Map<string, NodeRecord>();
  readonly keys = new Keys();
  readonly holders = new Holders();
  readonly claims = new Claims();
  /** Counts the changes of each node's allocations and reserve. */
  readonly touches = new Touches();
  /** Reserved addresses that wait for their pods. */
  readonly awaited = new Awaited((address) => this.networkOf(Ip.parse(address))?.name);
  readonly #released = new Map<string, Released>();
  readonly #contested = new Map<string, Contested>();
  #byAddress: IntervalMap<Network> | null = null;
  #epoch: EpochRecord | null = null;
  readonly #editsOfOwn = new Map<string, number>();
  #sequence = 0;
  #edits = 0;
  #editsOfAll = 0;

  /** The highest number given so far to a revision, a generation or a release. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Counts the edits of zones, subnets, ranges and nodes: what was derived from them holds while it stays. */
  get edits(): number {
    return this.#edits;
  }

  /** Counts, of those edits, the ones that concern what a node may give; others' own ranges do not. */
  editsFor(node: string): number {
    return this.#editsOfAll + (this.#editsOfOwn.get(node) ?? 0);
  }

  /** Null in the ledger's first life. */
  get epoch(): EpochRecord | null {
    return this.#epoch;
  }

  /** The record of an address that was used before and has no owner. */
  releasedAt(address: string): Released | undefined {
    return this.#released.get(address);
  }

  allReleased(): Iterable<Released> {
    return this.#released.values();
  }

  /** The record of an address that somebody else was seen to use, with or without an owner of ours. */
  contestedAt(address: string): Contested | undefined {
    return this.#contested.get(address);
  }

  allContested(): Iterable<Contested> {
    return this.#contested.values();
  }

  /** The subnet that an address belongs to; subnets never overlap. */
  networkOf(ip: Ip): Network | undefined {
    this.#byAddress ??= new IntervalMap(this.networks.values(), (network) => network.prefix.range);
    return this.#byAddress.find(ip);
  }

  /** Takes a change in; the records must be consistent, which decisions see to. */
  apply(write: Write): void {
    switch (write.kind) {
      case 'meta':
        this.#sequence = Math.max(this.#sequence, write.record?.value ?? 0);
        return;
      case 'epoch':
        this.#epoch = write.record;
        return;
      case 'key':
        this.keys.put(write.name, write.record);
        return;
      case 'allocation':
      case 'released':
      case 'conflict':
      case 'warm':
        this.#putAddressed(write);
        return;
      case 'reservation':
        this.#changing(reservedBy(this.claims.reservations.byName.get(write.name), write.record), () =>
          this.claims.reservations.put(write.name, write.record),
        );
        return;
      case 'agent':
        this.#changing(ownOf(this.claims.agent(write.name), write.record), () =>
          this.claims.putAgent(write.name, write.record),
        );
        return;
      default:
        this.#countEdit(write);
        this.#putObject(write);
    }
  }

  #countEdit(write: Extract<Write, { kind: 'zone' | 'node' | 'subnet' | 'range' }>): void {
    this.#edits++;
    if (write.kind === 'range') {
      for (const spec of [this.ranges.get(write.name)?.spec, write.record?.spec]) {
        this.#countRangeEdit(spec);
      }
    } else if (write.kind !== 'node') {
      this.#editsOfAll++;
    }
  }

  #countRangeEdit(spec: AddressRange | undefined): void {
    if (spec?.node !== undefined) {
      this.#editsOfOwn.set(spec.node, (this.#editsOfOwn.get(spec.node) ?? 0) + 1);
    } else if (spec !== undefined) {
      this.#editsOfAll++;
    }
  }

  #putAddressed(write: Extract<Write, { kind: 'allocation' | 'released' | 'conflict' | 'warm' }>): void {
    switch (write.kind) {
      case 'allocation':
        this.#putAllocation(write.name, write.record);
        return;
      case 'released':
        this.#putReleased(write.name, write.record);
        return;
      case 'conflict':
        this.#putConflict(write.name, write.record);
        return;
      case 'warm':
        for (const warm of [this.claims.warm(write.name), write.record]) {
          this.#touch(warm?.node);
        }
        this.#changing([write.name], () => this.claims.putWarm(write.name, write.record));
    }
  }

  #putObject(write: Extract<Write, { kind: 'zone' | 'node' | 'subnet' | 'range' }>): void {
    switch (write.kind) {
      case 'zone':
        put(this.zones, write.name, write.record);
        return;
      case 'node':
        put(this.nodes, write.name, write.record);
        return;
      case 'subnet':
        this.#putSubnet(write.name, write.record);
        return;
      case 'range':
        this.#putRange(write.name, write.record);
        return;
    }
  }

  #putSubnet(name: string, record: SubnetRecord | null): void {
    this.#byAddress = null;
    this.awaited.regroup();
    if (record === null) {
      this.networks.delete(name);
      return;
    }
    const network = new Network(name, record);
    this.networks.set(name, network);
    const pools = [...this.ranges]
      .filter(([, { spec }]) => spec.subnet === name)
      .map(([range, { spec }]) => new Pool(range, spec, network, this.#isKnown));
    this.#fill(network, pools);
  }

  #putRange(name: string, record: RangeRecord | null): void {
    const before = this.ranges.get(name);
    if (before !== undefined) {
      this.networks.get(before.spec.subnet)?.removePool(name);
    }
    put(this.ranges, name, record);
    const network = record && this.networks.get(record.spec.subnet);
    if (record && network) {
      this.#fill(network, [new Pool(name, record.spec, network, this.#isKnown)]);
    }
  }

  /** Gives new or edited ranges what is known of their addresses; looks at theirs or at all that are known. */
  #fill(network: Network, pools: readonly Pool[]): void {
    for (const pool of pools) {
      network.addPool(pool);
    }
    const known = this.holders.addressCount + this.#released.size + this.#contested.size + this.claims.size;
    const small = pools.filter((pool) => pool.total <= known);
    const large = new Set(pools.filter((pool) => pool.total > known));
    const places = small.flatMap((pool) => this.#placesOf(pool));
    if (large.size > 0) {
      for (const address of new Set(this.#knownAddresses())) {
        const place = this.#placeOf(address);
        if (place !== undefined && large.has(place.pool)) {
          places.push(place);
        }
      }
    }
    const stands = places.map((place) => ({ place, stand: this.standOf(place.address) }));
    stands.sort((a, b) => sequenceOf(a.stand) - sequenceOf(b.stand));
    for (const { place, stand } of stands) {
      place.pool.enter(place.ip, stand);
    }
  }

  /** The known addresses of a range, found by asking for each. */
  #placesOf(pool: Pool): Place[] {
    const places: Place[] = [];
    for (const { first, last } of pool.parts) {
      for (let value = first.value; value <= last.value; value++) {
        const ip = new Ip(first.family, value);
        const address = ip.toString();
        if (this.#isKnown(address)) {
          places.push({ ip, address, pool });
        }
      }
    }
    return places;
  }

  *#knownAddresses(): Iterable<string> {
    yield* this.holders.addresses();
    yield* this.#released.keys();
    yield* this.#contested.keys();
    yield* this.claims.addresses();
  }

  #putAllocation(name: string, record: AllocationRecord | null): void {
    const before = this.holders.ofAttachment(name);
    this.#touch(before?.node);
    this.#touch(record?.node);
    const addresses = [...(before?.ips ?? []), ...(record?.ips ?? [])].map((held) => held.address);
    this.#changing(before === undefined || record === null ? addresses : new Set(addresses), () => {
      if (before !== undefined) {
        this.holders.remove(before);
      }
      if (record !== null) {
        this.holders.add(record);
      }
    });
    for (const address of addresses) {
      this.claims.reservations.touched(address);
    }
  }

  #putReleased(address: string, record: ReleasedRecord | null): void {
    const ip = Ip.parse(address);
    this.#changing([address], () =>
      put(this.#released, address, record === null ? null : waiting(ip, record)),
    );
  }

  #putConflict(address: string, record: ConflictRecord | null): void {
    const ip = Ip.parse(address);
    this.#touch(this.claims.warm(address)?.node);
    this.#changing([address], () =>
      put(this.#contested, address, record === null ? null : waiting(ip, record)),
    );
  }

  /** Makes a change after which these addresses (in canonical form) may stand elsewhere in their ranges. */
  #changing(addresses: Iterable<string>, change: () => void): void {
    const places: Place[] = [];
    for (const address of addresses) {
      const place = this.#placeOf(address);
      if (place !== undefined) {
        places.push(place);
        place.pool.leave(this.standOf(address));
      }
    }
    change();
    for (const { pool, ip, address } of places) {
      pool.enter(ip, this.standOf(address));
    }
    for (const address of addresses) {
      this.#await(address);
    }
  }

  /** Takes in whether an address waits for a pod that it is reserved for. */
  #await(address: string): void {
    const by = this.claims.reservations.ofAddress(address)?.reservation.spec;
    if (by === undefined && !this.awaited.has(address)) {
      return;
    }
    const isTaken =
      this.holders.ofAddress(address) !== undefined ||
      this.claims.warm(address) !== undefined ||
      this.claims.nodeOf(address) !== undefined;
    const isAwaited = !isTaken && (by?.pod !== undefined || by?.owner !== undefined);
    const stand = this.#contested.has(address) ? 'contested' : 'awaited';
    this.awaited.set(address, isAwaited ? stand : null);
  }

  #touch(node: string | undefined): void {
    if (node !== undefined) {
      this.touches.add(node);
    }
  }

  /** The range that may give an address. */
  #placeOf(address: string): Place | undefined {
    const ip = Ip.parse(address);
    const pool = this.networkOf(ip)?.poolOf(ip);
    return pool?.gives(ip) ? { ip, address, pool } : undefined;
  }

  /** Where an address (in canonical form) stands, whether a range has it or not. */
  standOf(address: string): Stand {
    if (this.holders.ofAddress(address) !== undefined) {
      return { is: 'allocated' };
    }
    const claim = this.claims.stateOf(address);
    const contested = this.#contested.get(address);
    if (contested !== undefined) {
      return { is: 'contested', entry: contested, claim };
    }
    if (claim !== undefined) {
      return { is: claim };
    }
    const released = this.#released.get(address);
    return released === undefined ? { is: 'unknown' } : { is: 'resting', entry: released };
  }

  readonly #isKnown = (address: string): boolean => this.standOf(address).is !== 'unknown';
}

/** Where those that wait come in the order of their waiting. */
function sequenceOf(stand: Stand): number {
  return stand.is === 'resting' || stand.is === 'contested' ? stand.entry.record.sequence : 0;
}

/** The addresses that an edit of a reservation concerns. */
function reservedBy(before: ReservationRecord | undefined, after: ReservationRecord | null): Set<string> {
  return new Set([...(before?.spec.addresses ?? []), ...(after?.spec.addresses ?? [])]);
}

/** The addresses that a node's agent reports anew, or no more. */
function ownOf(before: AgentRecord | undefined, after: AgentRecord | null): Set<string> {
  const [old, now] = [new Set(before?.addresses), new Set(after?.addresses)];
  return new Set([...old, ...now].filter((address) => old.has(address) !== now.has(address)));
}

function put<Value>(map: Map<string, Value>, name: string, value: Value | null): void {
  if (value === null) {
    map.delete(name);
  } else {
    map.set(name, value);
  }
}
