import { Ip } from '../../../core/address/ip.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { Range } from '../../../core/address/range.ts';
import type { Subnet } from '../../../schema/subnet.ts';
import { FreeBlocks, type Room } from '../auto/free-blocks.ts';
import { IntervalMap } from './interval-map.ts';
import type { Pool } from './pool.ts';
import type { SubnetRecord } from './record.ts';

/** What a subnet rests its released addresses for when it does not say: above the kernel's SYN_SENT (120 s). */
const defaultCooldownSeconds = 120;

/** Milliseconds that an address is given to nobody after somebody else was seen to use it: time to find him. */
const shortestQuarantine = 3_600_000;

/** The addresses of a subnet that nobody is ever given: its own, its gateway's, its excludes. */
function holesOf(spec: Subnet, prefix: Prefix): Range[] {
  const single = [...prefix.unusable, ...(spec.gateway === undefined ? [] : [Ip.parse(spec.gateway)])];
  return [
    ...single.map((ip) => new Range(ip, ip)),
    ...(spec.excludes ?? []).map((text) => Range.parse(text)),
  ];
}

/** A subnet of the ledger with what follows from its record. */
export class Network {
  readonly name: string;
  readonly record: SubnetRecord;
  readonly prefix: Prefix;
  readonly holes: readonly Range[];
  /** The addresses of the prefix that ranges may give, in order. */
  readonly giveable: readonly Range[];
  /** Milliseconds. */
  readonly cooldown: number;
  /** Milliseconds; an address that leaves it has rested, too. */
  readonly quarantine: number;
  readonly #giveable: IntervalMap<Range>;
  /** Where it makes ranges by itself; null where it does not. */
  readonly blocks: FreeBlocks | null;
  readonly #pools = new Map<string, Pool>();
  readonly #byNode = new Map<string | undefined, Map<string, Pool>>();
  readonly #byAddress = new IntervalMap<Pool>([], (pool) => pool.range);

  constructor(name: string, record: SubnetRecord) {
    this.name = name;
    this.record = record;
    this.prefix = Prefix.parseNetwork(record.spec.cidr);
    this.holes = holesOf(record.spec, this.prefix);
    this.giveable = this.prefix.range.minus(this.holes);
    this.#giveable = new IntervalMap(this.giveable, (part) => part);
    const { autoRange } = record.spec;
    this.blocks = autoRange === undefined ? null : new FreeBlocks(this.#room(), autoRange.size);
    this.cooldown = (record.spec.cooldownSeconds ?? defaultCooldownSeconds) * 1000;
    this.quarantine = Math.max(shortestQuarantine, this.cooldown);
  }

  get spec(): Subnet {
    return this.record.spec;
  }

  get family() {
    return this.prefix.family;
  }

  /** The subnet's ranges by name. */
  get pools(): ReadonlyMap<string, Pool> {
    return this.#pools;
  }

  /** The subnet's ranges that are a node's own, or (undefined) shared by the nodes of its zone. */
  poolsOf(node: string | undefined): Iterable<Pool> {
    return this.#byNode.get(node)?.values() ?? [];
  }

  /** The nodes that have ranges of their own in it. */
  *nodes(): Iterable<string> {
    for (const node of this.#byNode.keys()) {
      if (node !== undefined) {
        yield node;
      }
    }
  }

  addPool(pool: Pool): void {
    const { node } = pool.spec;
    this.#pools.set(pool.name, pool);
    this.#byNode.set(node, (this.#byNode.get(node) ?? new Map()).set(pool.name, pool));
    this.#byAddress.add(pool.range, pool);
  }

  removePool(name: string): void {
    const pool = this.#pools.get(name);
    if (pool === undefined) {
      return;
    }
    this.#pools.delete(name);
    this.#byAddress.remove(pool.range);
    this.blocks?.comesBack(pool.range);
    const siblings = this.#byNode.get(pool.spec.node);
    siblings?.delete(name);
    if (siblings?.size === 0) {
      this.#byNode.delete(pool.spec.node);
    }
  }

  /** What of a range (within the prefix) may be given, in order; costs what it finds. */
  partsOf(range: Range): Range[] {
    const parts: Range[] = [];
    let next: Ip | null = range.first;
    while (next !== null) {
      const part: Range | undefined = this.#giveable.from(next)?.range;
      if (part === undefined || part.first.compare(range.last) > 0) {
        break;
      }
      const first = part.first.compare(next) < 0 ? next : part.first;
      const last: Ip = part.last.compare(range.last) > 0 ? range.last : part.last;
      parts.push(new Range(first, last));
      next = last.equals(range.last) ? null : last.plus(1n);
    }
    return parts;
  }

  /** The range that an address lies in. */
  poolOf(ip: Ip): Pool | undefined {
    return this.#byAddress.find(ip);
  }

  /** The first range, but for one, that overlaps addresses; costs no more with many ranges. */
  overlapping({ first, last }: Range, except: string): Pool | undefined {
    let at: Ip | null = first;
    while (at !== null) {
      const entry: { readonly range: Range; readonly thing: Pool } | undefined = this.#byAddress.from(at);
      if (entry === undefined || entry.range.first.compare(last) > 0) {
        return undefined;
      }
      if (entry.thing.name !== except) {
        return entry.thing;
      }
      at = entry.range.last.compare(last) < 0 ? entry.range.last.plus(1n) : null;
    }
    return undefined;
  }

  #room(): Room {
    return {
      family: this.family,
      range: this.prefix.range,
      rangeFrom: (ip) => this.#byAddress.from(ip)?.range,
      giveableFrom: (ip) => this.#giveable.from(ip)?.range,
    };
  }

  /** Reports whether the subnet's `excludes` hold an address that could be given otherwise. */
  excludes(ip: Ip): boolean {
    return this.never(ip) === 'excluded';
  }

  /** What keeps an address of the prefix from ever being given, or null when a range could give it. */
  never(ip: Ip): 'subnet' | 'gateway' | 'excluded' | null {
    if (this.prefix.unusable.some((each) => each.equals(ip))) {
      return 'subnet';
    }
    if (this.spec.gateway === ip.toString()) {
      return 'gateway';
    }
    return this.holes.some((hole) => hole.contains(ip)) ? 'excluded' : null;
  }

  /** The same in words. */
  whyNever(ip: Ip): string | null {
    switch (this.never(ip)) {
      case 'subnet':
        return 'it names the subnet itself (network, broadcast or anycast)';
      case 'gateway':
        return `it is the gateway of subnet ${this.name}`;
      case 'excluded':
        return `subnet ${this.name} excludes it`;
      case null:
        return null;
    }
  }
}
