import { mapOf, usageOf } from '../../../ipam-server/ledger/addresses/usage.ts';
import type { Decision } from '../../../ipam-server/ledger/decision.ts';
import type { Ledger } from '../../../ipam-server/ledger/state/ledger.ts';
import { keyOf, type Write } from '../../../ipam-server/ledger/state/record.ts';
import type { Reservation } from '../../../schema/reservation.ts';
import { cooldown } from './step.ts';

/** Since when an address rests: as it is stored, and as this life of the server counts it. */
interface Rest {
  readonly at: number;
  readonly from: number;
}

/** One state of the world as the model knows it. */
interface State {
  /** Every record by its key, as JSON. */
  readonly records: ReadonlyMap<string, string>;
  /** Who has an address. */
  readonly owners: ReadonlyMap<string, string>;
  /** Since when an address rests that was released. */
  readonly resting: ReadonlyMap<string, Rest>;
}

/** The parts of a state that a decision changes beside its records. */
interface Kept {
  readonly owners: Map<string, string>;
  readonly resting: Map<string, Rest>;
}

/**
 * The simplest memory of what a server decided and acknowledged. A state follows each decision; those after the
 * last acknowledged one may be lost with a crash, the ones before may not.
 */
export class Model {
  #states: State[] = [{ records: new Map(), owners: new Map(), resting: new Map() }];
  /** Places count from the beginning of the history; the first of #states has this one. */
  #first = 0;

  /** Takes in what was decided, before it is applied; answers its place among all decisions. */
  decided(decision: Decision<unknown>, ledger: Ledger, now: number): number {
    const { writes } = decision;
    const before = this.#latest;
    if (writes.length > 0) {
      const owners = new Map(before.owners);
      const resting = new Map(before.resting);
      for (const write of writes) {
        this.#take(write, { owners, resting }, { ledger, decision, now });
      }
      this.#states.push({ records: applied(before.records, writes), owners, resting });
    }
    return this.place;
  }

  /**
   * Takes in which reservations the server has ended by itself, whose time is over.
   *
   * @param mustHave whether it cannot have been kept from it by a store in trouble
   */
  upkept(ledger: Ledger, now: number, mustHave: boolean): void {
    const { byName } = ledger.claims.reservations;
    const ended = [...this.#latest.records].filter(([key, json]) => {
      const name = /^reservation\/(.*)$/.exec(key)?.[1];
      const end = name === undefined ? undefined : (JSON.parse(json) as { spec: Reservation }).spec.expiresAt;
      const isOver = end !== undefined && Date.parse(end) <= now;
      expect([key, mustHave && isOver && byName.has(name ?? '')]).toEqual([key, false]);
      return isOver && !byName.has(name ?? '');
    });
    if (ended.length > 0) {
      const records = new Map(this.#latest.records);
      for (const [key] of ended) {
        records.delete(key);
      }
      this.#states.push({ ...this.#latest, records });
    }
  }

  /** The place of the latest decision. */
  get place(): number {
    return this.#first + this.#states.length - 1;
  }

  /** Who has which address after the latest decision. */
  get owners(): ReadonlyMap<string, string> {
    return this.#latest.owners;
  }

  /** How many attachments have addresses after a decision that was not forgotten yet. */
  holdersAt(place: number): number {
    return new Set(this.#states[place - this.#first]?.owners.values()).size;
  }

  /** A client heard that a decision is durable, and with it all before. */
  acknowledged(place: number): void {
    const passed = place - this.#first;
    if (passed > 0) {
      this.#states.splice(0, passed);
      this.#first = place;
    }
  }

  /** The server has read its store again: it must be in one of the states that may have survived. */
  reloaded(records: ReadonlyMap<string, string>, ledger: Ledger, now: number): void {
    const seen = withoutCounter(records);
    const index = this.#states.findLastIndex(
      (state) => same(withoutCounter(state.records), seen) && counterIn(state.records) <= counterIn(records),
    );
    if (index < 0) {
      expect([...records].sort()).toEqual([...(this.#states[0]?.records ?? [])].sort());
    }
    const state = this.#states[index] ?? this.#latest;
    // A release that a clock had put into the future counts from the restart; what is stored stays, for the next one.
    const resting = new Map(
      [...state.resting].map(([address, { at }]) => [address, { at, from: Math.min(at, now) }]),
    );
    this.#first += this.#states.length;
    this.#states = [{ ...state, records: new Map(records), resting }];
    this.upkept(ledger, now, false);
    this.#checkLedger(ledger, now);
  }

  get #latest(): State {
    const latest = this.#states.at(-1);
    if (latest === undefined) {
      throw new Error('a model has a state always');
    }
    return latest;
  }

  #take(
    write: Write,
    { owners, resting }: Kept,
    { ledger, decision, now }: { ledger: Ledger; decision: Decision<unknown>; now: number },
  ): void {
    if (write.kind === 'warm') {
      this.#takeWarm(write, { owners, resting }, now);
    }
    if (write.kind === 'released' && write.record !== null && this.#nodeOfReserve(write.name) !== undefined) {
      // A reserve that was taken away rests: one of its pods may have the address.
      resting.set(write.name, { at: now, from: now });
    }
    if (write.kind !== 'allocation') {
      return;
    }
    const { name, record } = write;
    for (const [address, owner] of [...owners]) {
      if (owner === name) {
        owners.delete(address);
        resting.set(address, { at: now, from: now });
      }
    }
    for (const { address } of record?.ips ?? []) {
      expect([address, owners.get(address)]).toEqual([address, undefined]);
      expect([address, this.#nodeOfReserve(address) ?? record?.node]).toEqual([address, record?.node]);
      // A node may have given an address of its reserve before it heard that somebody reserved it meanwhile.
      const wasGiven = decision.allocatedAs === 'adopted' && this.#nodeOfReserve(address) !== undefined;
      const reserved = wasGiven ? undefined : this.#reservationOf(address, now);
      if (reserved === undefined && decision.allocatedAs !== 'adopted') {
        this.#checkRest(address, resting.get(address)?.from, record?.node ?? '', ledger, now);
      } else if (reserved !== undefined) {
        expect([address, record?.pod?.name]).toEqual([address, reserved.pod?.name]);
      }
      owners.set(address, name);
      resting.delete(address);
    }
  }

  /** What comes into a reserve is nobody's, and has rested. */
  #takeWarm({ name, record }: Write & { kind: 'warm' }, { owners, resting }: Kept, now: number): void {
    const before = this.#nodeOfReserve(name);
    if (record === null) {
      return;
    }
    expect([name, before ?? record.node]).toEqual([name, record.node]);
    if (before === undefined) {
      expect([name, owners.get(name), this.#reservationOf(name, now)]).toEqual([name, undefined, undefined]);
      expect([name, (resting.get(name)?.from ?? Number.NEGATIVE_INFINITY) + cooldown <= now]).toEqual([
        name,
        true,
      ]);
    }
  }

  /** The node that holds an address in its reserve, by its record. */
  #nodeOfReserve(address: string): string | undefined {
    const json = this.#latest.records.get(`warm/${address}`);
    return json === undefined ? undefined : (JSON.parse(json) as { node: string }).node;
  }

  /** The reservation that an address is in, by its record. */
  #reservationOf(address: string, now: number): Reservation | undefined {
    for (const [key, json] of this.#latest.records) {
      if (key.startsWith('reservation/')) {
        const { spec } = JSON.parse(json) as { spec: Reservation };
        const isOver = spec.expiresAt !== undefined && Date.parse(spec.expiresAt) <= now;
        if (!isOver && spec.addresses.includes(address)) {
          return spec;
        }
      }
    }
    return undefined;
  }

  /** An address that is given before its rest is over is the last resort. */
  #checkRest(address: string, since: number | undefined, node: string, ledger: Ledger, now: number): void {
    if (since === undefined || since + cooldown <= now) {
      return;
    }
    const free = [...ledger.networks.values()]
      .filter(({ family }) => (family === 'ipv6') === address.includes(':'))
      .flatMap((network) =>
        [...network.pools.values()].flatMap((pool) =>
          pool.isDisabled || (pool.spec.node ?? node) !== node
            ? []
            : mapOf(ledger, network, now, 1000, undefined).items.filter(
                (cell) => cell.state === 'free' && inRange(pool.spec, cell.address),
              ),
        ),
      );
    expect(free).toEqual([]);
  }

  /** The ledger says of every address what the model says, and its totals are equal. */
  #checkLedger(ledger: Ledger, now: number): void {
    const { owners, resting } = this.#latest;
    expect([...ledger.holders.addresses()].sort()).toEqual([...owners.keys()].sort());
    for (const network of ledger.networks.values()) {
      const cells = mapOf(ledger, network, now, 1000, undefined).items;
      for (const { address, state } of cells) {
        const isCooling = (resting.get(address)?.from ?? Number.NEGATIVE_INFINITY) + cooldown > now;
        if (state === 'cooling' || (state === 'free' && isCooling)) {
          expect([address, state]).toEqual([address, isCooling ? 'cooling' : 'free']);
        }
      }
      const { total, byState } = usageOf(network, now);
      expect(cells).toHaveLength(total);
      for (const [state, count] of Object.entries(byState)) {
        expect([state, cells.filter((cell) => cell.state === state).length]).toEqual([state, count]);
      }
    }
  }
}

function inRange({ start, end }: { start: string; end: string }, address: string): boolean {
  const last = (text: string) => Number.parseInt(text.split(/[.:]/).at(-1) || '0', 16);
  return last(address) >= last(start) && last(address) <= last(end);
}

function applied(records: ReadonlyMap<string, string>, writes: readonly Write[]): Map<string, string> {
  const after = new Map(records);
  for (const write of writes) {
    if (write.record === null) {
      after.delete(keyOf(write));
    } else {
      after.set(keyOf(write), JSON.stringify(write.record));
    }
  }
  return after;
}

function same(
  one: readonly (readonly [string, string])[],
  other: readonly (readonly [string, string])[],
): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A server that proves its store after a failure raises it by itself. */
const counter = 'meta/sequence';

function withoutCounter(records: ReadonlyMap<string, string>): (readonly [string, string])[] {
  return [...records].filter(([key]) => key !== counter).sort();
}

function counterIn(records: ReadonlyMap<string, string>): number {
  return JSON.parse(records.get(counter) ?? '{"value":0}').value;
}
