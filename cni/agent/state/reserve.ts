import { Ip } from '../../../core/address/ip.ts';
import { present } from '../../../core/cni/present.ts';
import { dueAfter, keptFresh, recheckBatch } from '../../../core/lan/freshness.ts';
import type { ReserveAnswer, ReserveRequest, ReserveSubnet, WarmAddress } from '../../../schema/reserve.ts';
import type { Claim } from '../../probe/claim.ts';
import type { Book } from './book.ts';
import { type Demand, few, highMark, lowMark, surplus } from './marks.ts';
import type { Shelf } from './picking.ts';
import { bare, boundBy, type WarmRecord, type Write } from './record.ts';
import type { Requests } from './requests.ts';

/** Milliseconds after which a ready address is asked for once more before it is given. */
export const freshFor = 10 * 60_000;

/** So many addresses a reserve: what the server takes. */
const largestHold = 4096;

/** What the reserve has of a subnet. */
export interface Supply {
  readonly subnet: string;
  readonly family: ReserveSubnet['family'];
  /** Probed, not expired, nobody's. */
  readonly ready: number;
}

/** The addresses that this node holds for pods to come. */
export class Reserve implements Shelf {
  readonly #book: Book;
  readonly #requests: Requests;
  readonly #fixed: number | undefined;
  /** Addresses that an interface on this node shows, whatever the records say. */
  #shown: ReadonlySet<string> = new Set();
  /** When those of an earlier agent were checked isn't counted: nobody listened since. */
  readonly #checked = new Map<string, number>();
  #asked: { readonly request: ReserveRequest; readonly at: number } | undefined;
  #now = 0;

  /** @param fixed how many a subnet, as the admin set it; undefined: by the rate */
  constructor(book: Book, requests: Requests, fixed: number | undefined) {
    this.#book = book;
    this.#requests = requests;
    this.#fixed = fixed;
  }

  /** What is decided from now on is decided at this time. */
  at(now: number): this {
    this.#now = now;
    return this;
  }

  get subnets(): readonly ReserveSubnet[] {
    return this.#book.table.subnets;
  }

  next(subnet: string): WarmRecord | undefined {
    return this.#ready(subnet).find((warm) => this.#isFresh(warm));
  }

  mayCome(subnet: ReserveSubnet): boolean {
    const usable = this.#usable(subnet.subnet).length;
    return usable > 0 || subnet.most > this.#bound(subnet.subnet);
  }

  /** The addresses that interfaces on this node have: never given, since somebody has them. */
  shows(addresses: ReadonlySet<string>): void {
    this.#shown = addresses;
  }

  /** The body of PUT reserve: what is held, and what is wanted. */
  request(): ReserveRequest {
    const { self, constraints, subnets } = this.#book.table;
    const want: Record<string, number> = {};
    const writes: Write[] = [];
    for (const subnet of subnets) {
      const demand = this.#demand(subnet);
      writes.push(...this.#returned(demand));
      const high = highMark(demand, this.#fixed) + demand.waiting;
      want[subnet.subnet] = Math.min(largestHold, high + this.#bound(subnet.subnet));
    }
    this.#book.commit(writes);
    // Never without: a first request that was stuck on the way would let go what a second one was granted.
    const { epoch, reserveAsOf: asOf = self.heardAsOf } = self;
    const request: ReserveRequest = {
      ...present({ epoch, asOf }),
      want,
      hold: this.#hold(),
      ...(constraints === undefined ? {} : { constraints: constraints.version }),
    };
    this.#asked = { request, at: this.#book.clock.steady(this.#now) };
    return request;
  }

  /** Reports whether the server is to be asked at once: pods wait, or a subnet is below its low mark. */
  get isLow(): boolean {
    return this.subnets.some((subnet) => {
      const demand = this.#demand(subnet);
      const { usable, waiting } = demand;
      return (
        usable < waiting + lowMark(demand, this.#fixed) && subnet.most > usable + this.#bound(subnet.subnet)
      );
    });
  }

  /** Takes the answer to the last request in; an answer to any other is nothing. */
  granted(answer: ReserveAnswer, request: ReserveRequest): void {
    if (request !== this.#asked?.request) {
      return;
    }
    const { table, clock } = this.#book;
    const ahead = clock.heard(Date.parse(answer.time), this.#asked.at);
    this.#asked = undefined;
    const held = new Set(request.hold.map(({ address }) => address));
    const recalled = new Set(answer.recall);
    const listed = new Map(answer.addresses.map((warm) => [bare(warm.address), warm]));
    const writes: Write[] = [];
    for (const [name, warm] of table.warm) {
      const told = listed.get(name);
      const isNews =
        warm.state === 'conflict' && !request.hold.some((each) => each.address === name && each.mac);
      if (told !== undefined && recalled.has(name)) {
        // It wasn't this node's any more, and is again: somebody may have had it in between.
        writes.push({ kind: 'warm', name, record: warmOf(told, this.#now) });
      } else if (told !== undefined) {
        writes.push(...this.#kept(name, warm, told));
      } else if (!isNews) {
        writes.push({ kind: 'warm', name, record: null });
      }
    }
    for (const [name, told] of listed) {
      // What was held when it was asked and isn't any more was given, or let go, since then.
      if (!table.warm.has(name) && !held.has(name) && table.holderOf(name) === undefined) {
        writes.push({ kind: 'warm', name, record: warmOf(told, this.#now) });
      }
    }
    const { version, ...lists } = answer.constraints;
    if (lists.pods !== undefined || version !== table.constraints?.version) {
      writes.push({ kind: 'constraints', record: answer.constraints });
    }
    if (JSON.stringify(answer.subnets) !== JSON.stringify(table.subnets)) {
      writes.push({ kind: 'subnets', record: answer.subnets });
    }
    const { epoch, time, nodes } = answer;
    const self = { epoch, nodes, reserveAsOf: time, heardAsOf: time, heardAt: this.#now, ahead };
    this.#book.commit([this.#book.self(self), ...writes]);
    for (const name of this.#checked.keys()) {
      if (!table.warm.has(name)) {
        this.#checked.delete(name);
      }
    }
  }

  /** Those to probe in full, the ones that pods wait for first. */
  toProbe(): { ip: Ip; isUrgent: boolean }[] {
    const urgent = new Map(
      this.subnets.map(({ subnet }) => [subnet, this.#requests.waitingFor(subnet) - this.#freshIn(subnet)]),
    );
    const probing = [...this.#book.table.warm].flatMap(([name, { state, subnet }]) => {
      if (state !== 'probing' || this.#shown.has(name)) {
        return [];
      }
      const isUrgent = (urgent.get(subnet) ?? 0) > 0;
      return [{ ip: Ip.parse(name), isUrgent }];
    });
    return probing.sort((a, b) => Number(b.isUrgent) - Number(a.isUrgent));
  }

  /** A full probe has ended. */
  probed(address: string, claim: Claim | undefined): void {
    const warm = this.#book.table.warm.get(address);
    if (warm?.state !== 'probing') {
      return;
    }
    if (claim !== undefined) {
      this.claimed(address, claim.mac.toString());
      return;
    }
    this.#checked.set(address, this.#now);
    const record: WarmRecord = { ...warm, state: 'ready', readyAt: this.#now, checkedAt: this.#now };
    this.#book.commit([{ kind: 'warm', name: address, record }]);
  }

  /** Ready ones whose last check is too long ago: those that are given next before others, some of them at a time. */
  toRecheck(): Ip[] {
    const waiting = this.subnets.map(({ subnet }) => this.#requests.waitingFor(subnet));
    const { nodes = 1 } = this.#book.table.self;
    const kept = Math.floor(keptFresh(nodes) / Math.max(1, this.subnets.length));
    const due = this.subnets.flatMap(({ subnet }, index) => {
      const first = few + (waiting[index] ?? 0);
      return this.#ready(subnet)
        .slice(0, Math.max(first, kept))
        .map((warm, place) => ({ name: bare(warm.address), warm, isNext: place < first }))
        .filter(({ name, warm }) => !this.#isFresh(warm, dueAfter(name, this.#checked.get(name) ?? 0)));
    });
    return due
      .sort((a, b) => Number(b.isNext) - Number(a.isNext))
      .slice(0, recheckBatch + waiting.reduce((sum, count) => sum + count, 0))
      .map(({ name }) => Ip.parse(name));
  }

  /** Ready ones were asked for once more, and nobody had them. */
  rechecked(address: string): void {
    const warm = this.#book.table.warm.get(address);
    if (warm?.state === 'ready') {
      this.#checked.set(address, this.#now);
      this.#book.commit([{ kind: 'warm', name: address, record: { ...warm, checkedAt: this.#now } }]);
    }
  }

  /** Somebody else has it; reports whether it is of the reserve. */
  claimed(address: string, mac: string): boolean {
    const warm = this.#book.table.warm.get(address);
    if (warm === undefined) {
      return false;
    }
    if (warm.state !== 'conflict') {
      const record: WarmRecord = { ...warm, state: 'conflict', claimedBy: mac };
      this.#book.commit([{ kind: 'warm', name: address, record }]);
    }
    return true;
  }

  /** Lets all of it go, as the server has or is to. */
  drop(): Write[] {
    this.#asked = undefined;
    return [...this.#book.table.warm.keys()].map((name) => ({ kind: 'warm', name, record: null }));
  }

  #kept(name: string, warm: WarmRecord, told: WarmAddress): Write[] {
    const { state: _, until, ...rest } = told;
    const record: WarmRecord = { ...warm, ...rest, until: Date.parse(until) };
    return JSON.stringify(record) === JSON.stringify(warm) ? [] : [{ kind: 'warm', name, record }];
  }

  #hold(): ReserveRequest['hold'] {
    const { warm, stays } = this.#book.table;
    const held = new Map<string, ReserveRequest['hold'][number]>();
    for (const [address, { state, claimedBy }] of warm) {
      held.set(address, {
        address,
        state,
        ...(state === 'conflict' && claimedBy !== undefined ? { mac: claimedBy } : {}),
      });
    }
    for (const stay of stays.values()) {
      for (const address of boundBy(stay)) {
        held.set(address, { address, state: 'ready' });
      }
    }
    return [...held.values()].slice(0, largestHold);
  }

  #demand(subnet: ReserveSubnet): Demand {
    return {
      subnet,
      usable: this.#usable(subnet.subnet).length,
      taken: this.#requests.takenOf(subnet.subnet, this.#book.clock.steady(this.#now)),
      waiting: this.#requests.waitingFor(subnet.subnet),
    };
  }

  /** How many of each subnet could be given. */
  supply(): Supply[] {
    return this.subnets.map(({ subnet, family }) => ({ subnet, family, ready: this.#ready(subnet).length }));
  }

  /** What there is too much of: those that are the least far, first. */
  #returned(demand: Demand): Write[] {
    const count = surplus(demand, this.#fixed);
    const newest = this.#usable(demand.subnet.subnet).reverse().slice(0, count);
    return newest.map(({ address }) => ({ kind: 'warm', name: bare(address), record: null }));
  }

  /** Addresses that pods have and the server doesn't know of: they count as held. */
  #bound(subnet: string): number {
    let count = 0;
    for (const stay of this.#book.table.stays.values()) {
      const bound = boundBy(stay);
      const ips = stay.allocation?.ips ?? [];
      count += ips.filter((ip) => ip.subnet === subnet && bound.includes(bare(ip.address))).length;
    }
    return count;
  }

  /** Ready, then being probed, each the oldest first. */
  #usable(subnet: string): WarmRecord[] {
    const { table, clock } = this.#book;
    const time = clock.server(this.#now);
    const probing = [...table.warm.values()].filter(
      (warm) => warm.subnet === subnet && warm.state === 'probing' && time < warm.until,
    );
    return [...this.#ready(subnet), ...probing];
  }

  /** Those that may be given as far as the server goes, the longest ready first. */
  #ready(subnet: string): WarmRecord[] {
    const { table, clock } = this.#book;
    const time = clock.server(this.#now);
    const living = new Set([...table.living.values()].map(({ allocation }) => allocation?.mac));
    return [...table.warm]
      .filter(([name, warm]) => warm.subnet === subnet && warm.state === 'ready' && !this.#shown.has(name))
      .map(([, warm]) => warm)
      .filter(({ until, mac }) => !clock.isDoubtful && time < until && !living.has(mac))
      .sort((a, b) => (a.readyAt ?? 0) - (b.readyAt ?? 0));
  }

  #freshIn(subnet: string): number {
    return this.#ready(subnet).filter((warm) => this.#isFresh(warm)).length;
  }

  #isFresh({ address }: WarmRecord, age = freshFor): boolean {
    const checked = this.#checked.get(bare(address));
    // A clock that was set back says nothing of how long ago it was.
    return checked !== undefined && checked <= this.#now && this.#now - checked <= age;
  }
}

function warmOf({ state: _, until, ...rest }: WarmAddress, now: number): WarmRecord {
  return { ...rest, state: 'probing', until: Date.parse(until), grantedAt: now };
}
