import { Ip } from '../../core/address/ip.ts';
import { Holders } from './holders.ts';
import { IntervalMap } from './interval-map.ts';
import { Network } from './network.ts';
import { Pool } from './pool.ts';
import type {
  AllocationRecord,
  ConflictRecord,
  NodeRecord,
  RangeRecord,
  ReleasedRecord,
  SubnetRecord,
  Write,
  ZoneRecord,
} from './record.ts';
import { type Contested, type Released, waiting } from './waiting.ts';

/**
 * The state of the ledger, in memory. It is a function of its records: `apply` is the only way in, at load as
 * after each decision, so a restarted server knows exactly what the stopped one knew.
 */
export class Ledger {
  readonly zones = new Map<string, ZoneRecord>();
  readonly networks = new Map<string, Network>();
  readonly ranges = new Map<string, RangeRecord>();
  readonly nodes = new Map<string, NodeRecord>();
  readonly holders = new Holders();
  readonly #released = new Map<string, Released>();
  readonly #contested = new Map<string, Contested>();
  #byAddress: IntervalMap<Network> | null = null;
  #sequence = 0;
  #edits = 0;

  /** The highest number given so far to a revision, a generation or a release. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Counts the edits of zones, subnets, ranges and nodes: what was derived from them holds while it stays. */
  get edits(): number {
    return this.#edits;
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

  /** The range of a name, with the state of its addresses. */
  poolOf(held: { readonly subnet: string; readonly range: string }): Pool | undefined {
    return this.networks.get(held.subnet)?.pools.get(held.range);
  }

  /** Takes a change in; the records must be consistent, which decisions see to. */
  apply(write: Write): void {
    switch (write.kind) {
      case 'meta':
        this.#sequence = Math.max(this.#sequence, write.record?.value ?? 0);
        return;
      case 'allocation':
        this.#putAllocation(write.name, write.record);
        return;
      case 'released':
        this.#putReleased(write.name, write.record);
        return;
      case 'conflict':
        this.#putConflict(write.name, write.record);
        return;
      default:
        this.#edits++;
        this.#putObject(write);
    }
  }

  #putObject(write: Exclude<Write, { kind: 'meta' | 'allocation' | 'released' | 'conflict' }>): void {
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
    if (record === null) {
      this.networks.delete(name);
      return;
    }
    const network = new Network(name, record);
    this.networks.set(name, network);
    const pools = [...this.ranges]
      .filter(([, { spec }]) => spec.subnet === name)
      .map(([range, { spec }]) => new Pool(range, spec, network.holes, this.#isKnown));
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
      this.#fill(network, [new Pool(name, record.spec, network.holes, this.#isKnown)]);
    }
  }

  /** Gives new or edited ranges what is known of their addresses, in one pass however many they are. */
  #fill(network: Network, pools: readonly Pool[]): void {
    const fresh = new Map(pools.map((pool) => [pool.name, pool]));
    for (const pool of pools) {
      network.addPool(pool);
    }
    for (const record of this.holders.all()) {
      for (const held of record.ips) {
        fresh.get(held.range)?.occupied();
      }
    }
    for (const entry of this.#released.values()) {
      const pool = this.#restingPool(entry.ip);
      if (pool !== undefined && fresh.has(pool.name)) {
        pool.rests(entry);
      }
    }
    for (const entry of this.#contested.values()) {
      const pool = this.#contestedPool(entry);
      if (pool !== undefined && fresh.has(pool.name)) {
        pool.contested(entry);
      }
    }
  }

  #putAllocation(name: string, record: AllocationRecord | null): void {
    const before = this.holders.ofAttachment(name);
    if (before !== undefined) {
      this.holders.remove(before);
      for (const held of before.ips) {
        this.poolOf(held)?.vacated();
        this.#withContested(held.address, (pool, entry) => pool.contested(entry));
      }
    }
    if (record !== null) {
      for (const held of record.ips) {
        this.#withContested(held.address, (pool, entry) => pool.contestedNoMore(entry));
        this.poolOf(held)?.occupied();
      }
      this.holders.add(record);
    }
  }

  #putReleased(address: string, record: ReleasedRecord | null): void {
    const before = this.#released.get(address);
    if (before !== undefined) {
      this.#released.delete(address);
      this.#restingPool(before.ip)?.restsNoMore(before);
    }
    if (record !== null) {
      const entry = waiting(Ip.parse(address), record);
      this.#released.set(address, entry);
      this.#restingPool(entry.ip)?.rests(entry);
    }
  }

  #putConflict(address: string, record: ConflictRecord | null): void {
    this.#withContested(address, (pool, entry) => pool.contestedNoMore(entry));
    this.#contested.delete(address);
    if (record !== null) {
      this.#contested.set(address, waiting(Ip.parse(address), record));
      this.#withContested(address, (pool, entry) => pool.contested(entry));
    }
  }

  /** Does something with a contested address and the range in whose queue it stands, if it stands in one. */
  #withContested(address: string, act: (pool: Pool, entry: Contested) => void): void {
    const entry = this.#contested.get(address);
    const pool = entry && this.#contestedPool(entry);
    if (entry !== undefined && pool !== undefined) {
      act(pool, entry);
    }
  }

  /** The range whose queue a contested address stands in: one that has an owner of ours waits for nobody. */
  #contestedPool({ ip }: Contested): Pool | undefined {
    return this.holders.ofAddress(ip.toString()) === undefined ? this.#restingPool(ip) : undefined;
  }

  /** The range whose queue an address at rest stands in. */
  #restingPool(ip: Ip): Pool | undefined {
    const pool = this.networkOf(ip)?.poolOf(ip);
    return pool?.gives(ip) ? pool : undefined;
  }

  readonly #isKnown = (address: string): boolean =>
    this.holders.ofAddress(address) !== undefined ||
    this.#released.has(address) ||
    this.#contested.has(address);
}

function put<Value>(map: Map<string, Value>, name: string, value: Value | null): void {
  if (value === null) {
    map.delete(name);
  } else {
    map.set(name, value);
  }
}
