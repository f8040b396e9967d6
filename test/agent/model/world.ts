import type { Sight } from '../../../cni/agent/doors.ts';
import { AgentState } from '../../../cni/agent/state/agent-state.ts';
import type { Outgoing, OutgoingAnswer } from '../../../cni/agent/state/outgoing.ts';
import { addressesOf, type Write } from '../../../cni/agent/state/record.ts';
import type { Look } from '../../../cni/agent/state/sights.ts';
import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import type { Allocation, AllocationRequest } from '../../../schema/allocation.ts';
import type { SyncAnswer } from '../../../schema/node-sync.ts';
import type { ProblemAnswer } from '../../../schema/problem.ts';
import type { ReserveAnswer, ReserveRequest } from '../../../schema/reserve.ts';
import { attachment } from '../../server/ledger-trial.ts';
import { LedgerServer } from './ledger-server.ts';
import type { Call, Step } from './step.ts';

const rogueMac = Mac.parse('02:00:00:00:00:66');
const hour = 3_600_000;
/** The node's containers are 0 to 5, the other node's come after them. */
const others = 20;

const candidates = [
  ...Array.from({ length: 11 }, (_, i) => `10.9.0.${i}`),
  ...Array.from({ length: 9 }, (_, i) => `fd00:9::${i + 1}`),
];

/** A request under way, and its answer under way back. */
interface Flight {
  readonly call: Call;
  /** Of the agent that sent it: another one doesn't hear the answer. */
  readonly life: number;
  readonly serve: () => unknown;
  readonly hear: (answer: unknown) => void;
  answer?: unknown;
}

/**
 * A node with the agent's real state, the real ledger, and what is true besides: which pods live with which addresses,
 * what the file has and what of it the disk, what is under way in between.
 */
export class World {
  readonly server = new LedgerServer();
  /** Living pods of either node, by container. */
  readonly pods = new Map<number, readonly string[]>();
  /** What began out of the reserve, and which line says so. */
  lives: {
    readonly container: number;
    readonly addresses: readonly string[];
    readonly line: number;
  }[] = [];
  #state: AgentState;
  #file: Write[][] = [];
  /** So many lines the disk has. */
  #durable = 0;
  #journal: { readonly container: number; readonly serial: number }[] = [];
  #flights: Flight[] = [];
  #boot = 1;
  #life = 1;
  #isSynced = false;
  /** How far the node's clock is ahead of the server's. */
  #ahead = 0;
  /** When the server last prolonged what the node holds. */
  #prolonged = 0;
  /** Addresses of the reserve that were probed since they were granted and that nobody has claimed since. */
  readonly #sound = new Set<string>();
  readonly #until = new Map<string, number>();
  readonly #rogues = new Set<string>();

  constructor() {
    this.#prolonged = this.server.now;
    this.#state = this.#made();
  }

  take(step: Step): void {
    // Nothing happens at the same time as something else.
    this.server.now += 1;
    this.#do(step);
    this.#compare();
  }

  /** All that is under way arrives, and time goes by, until both sides must agree. */
  settle(): void {
    this.#flights = [];
    this.#rogues.clear();
    for (const name of ['shared', 'own', 'six'] as const) {
      this.take({ do: 'range', name, isDisabled: false });
    }
    for (let round = 0; round < 12; round++) {
      this.take({ do: 'time', by: round < 6 ? 11_000 : 11 * 60_000 });
      this.take({ do: 'exchange', call: 'sync' });
      for (let n = 0; n < 4; n++) {
        this.take({ do: 'exchange', call: 'outbox' });
      }
      this.take({ do: 'exchange', call: 'reserve' });
      this.take({ do: 'probe' });
    }
    const told = this.server.allocated();
    const { untold, conflicts, attachments } = this.#state.status();
    const contested = new Set(conflicts.map(({ attachment }) => attachment.split('/')[1]));
    const living = [...this.pods].filter(([container]) => container < others);
    for (const [container, addresses] of living) {
      const known = told.get(`c${container}`) ?? [];
      const isTrue = same(known, addresses) || contested.has(`c${container}`);
      ensure(isTrue, `c${container} has ${addresses.join(' ')}, and the ledger says ${known.join(' ')}`);
    }
    const gone = [...told.keys()].filter((name) => !living.some(([container]) => name === `c${container}`));
    ensure(gone.length === 0, `the ledger still has ${gone.join(' ')}`);
    ensure(untold <= contested.size, `${untold} beginnings and ends were never told`);
    ensure(attachments === living.length, `the agent knows of ${attachments} pods, ${living.length} live`);
    expect(this.#journal).toEqual([]);
    this.#compareHistory();
  }

    return this.#state;
  }
  #do(step: Step): void {
    switch (step.do) {
      case 'add':
        return this.#add(step.container, step.families);
      case 'ask':
        return this.#ask(step.container, candidates[step.address] ?? '');
      case 'del':
        return this.#del(step.container, step.isMissed);
      case 'other':
        return this.#other(step.container + others, step.isEnd);
      case 'probe':
        return this.#probe();
      case 'recheck':
        return this.#recheck();
      case 'rogue':
        return this.#rogue(candidates[step.address] ?? '', step.isGone);
      case 'exchange':
        return this.#exchange(step.call);
      case 'send':
        this.#send(step.call);
        return;
      case 'serve':
        return this.#serve(this.#flights[step.flight]);
      case 'hear':
        return this.#hear(this.#flights[step.flight]);
      case 'crash':
        return this.#crash(step.how);
      case 'time':
        return this.#wait(step.by);
      case 'jump':
        this.#ahead += step.by;
        this.#state.isLow(this.#now);
        return;
      case 'range':
        return this.#range(step.name, step.isDisabled);
      case 'reservation':
        return this.#reservation(candidates[step.address] ?? '', step.isGone);
      case 'epoch':
        return this.server.beginEpoch();
      case 'fence':
        return this.#fence();
    }
  }

  get #now(): number {
    return this.server.now + this.#ahead;
  }

  #made(): AgentState {
    return new AgentState({
      node: 'n1',
      bootId: `boot-${this.#boot}`,
      now: this.#now,
      records: this.#file.flat(),
      onChange: (writes) => this.#file.push([...writes]),
    });
  }

  #request(container: number, families: readonly ('ipv4' | 'ipv6')[] | null): AllocationRequest {
    const pod = { namespace: 'shop', name: `web-${container}` };
    const wanted = families === null ? {} : { families: [...families] };
    return { node: container < others ? 'n1' : 'n2', ...attachment(container), pod, ...wanted };
  }

  #add(container: number, families: readonly ('ipv4' | 'ipv6')[] | null): void {
    const addresses = this.#given(container, families);
    if (addresses !== null) {
      this.pods.set(container, addresses);
    }
  }

  /** What the reserve gives, judged; null: nothing. */
  #given(container: number, families: readonly ('ipv4' | 'ipv6')[] | null): readonly string[] | null {
    const living = this.pods.get(container);
    const taken = this.#state.take(this.#request(container, families), this.#now);
    if (taken.is !== 'given') {
      return null;
    }
    const addresses = addressesOf(taken);
    if (!taken.created) {
      // Of a pod that ended without a DEL the agent doesn't know yet; a living one has what it had.
      expect(living === undefined || same(living, addresses)).toBe(true);
      return addresses;
    }
    for (const address of addresses) {
      ensure(this.#sound.has(address), `${address} is given unprobed, claimed or called back`);
      const until = this.#until.get(address) ?? 0;
      ensure(until > this.server.now, `${address} is given ${this.server.now - until} ms after its time`);
      this.#sound.delete(address);
    }
    this.lives.push({ container, addresses, line: this.#file.length });
    return addresses;
  }

  #ask(container: number, address: string): void {
    const request = { ...this.#request(container, null), addresses: [address] };
    const families = [Ip.parse(address).family];
    const taken = this.#state.take({ ...request, families }, this.#now);
    if (taken.is === 'ask' && !this.pods.has(container)) {
      const answer = this.server.allocate({ ...request, families });
      if (!isProblem(answer)) {
        this.#state.forwarded(request, answer, this.#now);
        this.pods.set(container, addressesOf({ allocation: answer }));
      }
    }
  }

  #del(container: number, isMissed: boolean): void {
    this.pods.delete(container);
    if (!isMissed) {
      this.#journal.push({ container, serial: this.#state.serial });
      this.#state.end(attachment(container), this.#now);
    }
  }

  /** The other node's pods get what the ledger gives them, unprobed: so its word alone must do. */
  #other(container: number, isEnd: boolean): void {
    if (isEnd) {
      this.pods.delete(container);
      this.server.trial.release(attachment(container));
      return;
    }
    const answer = this.server.allocate(this.#request(container, null));
    if (!isProblem(answer)) {
      this.pods.set(container, addressesOf({ allocation: answer }));
    }
  }

  #probe(): void {
    for (const { ip } of this.#state.toProbe(this.#now)) {
      const claim = this.#rogues.has(ip.toString()) ? { ip, mac: rogueMac } : undefined;
      this.#state.probed(ip, claim, this.#now);
      if (claim === undefined) {
        this.#sound.add(ip.toString());
      }
    }
  }

  #recheck(): void {
    const ips = this.#state.toRecheck(this.#now);
    const claims = ips.filter((ip) => this.#rogues.has(ip.toString())).map((ip) => ({ ip, mac: rogueMac }));
    this.#state.rechecked(ips, claims, this.#now);
  }

  #rogue(address: string, isGone: boolean): void {
    if (isGone) {
      this.#rogues.delete(address);
      return;
    }
    this.#rogues.add(address);
    if (this.#state.claimed(Ip.parse(address), rogueMac, this.#now) === 'reserve') {
      this.#sound.delete(address);
    }
  }

  #exchange(call: Call): void {
    const flight = this.#send(call);
    if (flight !== undefined) {
      this.#serve(flight);
      this.#hear(flight);
    }
  }

  /** One request of a kind at a time: the answer to an earlier one is waited for no more, though it may be served yet. */
  #send(call: Call): Flight | undefined {
    const flight = this.#flightOf(call);
    if (flight !== undefined) {
      // Before anything is told, the disk has what the file has.
      this.#durable = this.#file.length;
      this.#flights = [
        ...this.#flights.filter((each) => each.call !== call || each.answer === undefined),
        flight,
      ];
      this.#flights = this.#flights.slice(-4);
    }
    return flight;
  }

  #flightOf(call: Call): Flight | undefined {
    const base = { call, life: this.#life };
    switch (call) {
      case 'sync': {
        const look = this.#state.look(this.#now);
        const sight = this.#sight();
        const request = this.#report(sight, look);
        return {
          ...base,
          serve: () => this.server.sync(request),
          hear: (answer) => this.#synced(answer as SyncAnswer | ProblemAnswer),
        };
      }
      case 'reserve': {
        if (!this.#isSynced) {
          return undefined;
        }
        const request = this.#state.reserveRequest(this.#now, 1);
        return {
          ...base,
          serve: () => {
            const answer = this.server.reserve(request);
            this.#prolonged = isProblem(answer) ? this.#prolonged : this.server.now;
            return answer;
          },
          hear: (answer) => this.#granted(answer as ReserveAnswer | ProblemAnswer, request),
        };
      }
      case 'outbox': {
        const out = this.#state.outbox(this.#now);
        return {
          ...base,
          serve: () => this.server.batch(out),
          hear: (answer) => this.#told(answer as Map<Outgoing, OutgoingAnswer>),
        };
      }
    }
  }

  #serve(flight: Flight | undefined): void {
    if (flight !== undefined) {
      flight.answer = flight.serve();
    }
  }

  /** Only the last request of its kind is still listened for, by the agent that sent it. */
  #hear(flight: Flight | undefined): void {
    if (flight?.answer === undefined || flight.life !== this.#life) {
      return;
    }
    const last = this.#flights.filter(({ call }) => call === flight.call).at(-1);
    if (last === flight) {
      flight.hear(flight.answer);
      this.#flights = this.#flights.filter((each) => each !== flight);
    }
  }

  #sight(): Sight {
    const attachments = [...this.pods]
      .filter(([container]) => container < others)
      .map(([container, addresses]) => ({ ...attachment(container), addresses: [...addresses] }));
    return { attachments, isWhole: true, unseen: [] };
  }

  #report(sight: Sight, look: Look) {
    this.#state.sighted(sight, look, this.#now);
    return this.#state.syncRequest(sight, look);
  }

  #synced(answer: SyncAnswer | ProblemAnswer): void {
    if (isProblem(answer)) {
      return this.#refused(answer);
    }
    this.#state.synced(answer, this.#now);
    this.#isSynced = true;
  }

  #granted(answer: ReserveAnswer | ProblemAnswer, request: ReserveRequest): void {
    if (isProblem(answer)) {
      return this.#refused(answer);
    }
    const before = new Set(this.#state.status().reserve.map(({ address }) => address));
    this.#state.granted(answer, this.#now, request);
    for (const { address } of this.#state.status().reserve) {
      if (!before.has(address)) {
        this.#sound.delete(address);
      }
    }
    for (const address of answer.recall) {
      this.#sound.delete(address);
    }
    for (const { address, until } of answer.addresses) {
      this.#until.set(address.replace(/\/.*/, ''), Date.parse(until));
    }
  }

  #told(answers: ReadonlyMap<Outgoing, OutgoingAnswer>): void {
    for (const [out, answer] of answers) {
      this.#state.told(out, answer, this.#now);
    }
    this.#journal = this.#journal.filter(({ container }) => this.#state.isTelling(attachment(container)));
  }

  #refused({ code, epoch }: ProblemAnswer & { epoch?: unknown }): void {
    if (code === 'EPOCH_MISMATCH' && typeof epoch === 'number') {
      this.#state.newEpoch(epoch);
      this.#isSynced = false;
    } else if (code === 'NODE_FENCED') {
      this.#state.fenced();
      this.#isSynced = false;
    }
  }

  #crash(how: 'killed' | 'within ADD' | 'power'): void {
    if (how === 'within ADD') {
      const container = 9;
      const lines = this.#file.length;
      if (this.#given(container, null) !== null) {
        this.lives.pop();
      }
      // What was written of it is cut, and it was never answered.
      this.#file.length = lines;
    }
    if (how === 'power') {
      this.#file.length = Math.min(this.#file.length, this.#durable);
      this.lives = this.lives.filter(({ line }) => line <= this.#file.length);
      this.#endAll();
      this.#boot++;
    }
    this.#restart();
  }

  #restart(): void {
    this.#life++;
    this.#isSynced = false;
    this.#state = this.#made();
    this.#durable = Math.min(this.#durable, this.#file.length);
    this.#sound.clear();
    for (const { address, state } of this.#state.status().reserve) {
      if (state === 'ready') {
        // Asked for once more before it's given: who claims it still is found by that.
        this.#sound.add(address);
      }
    }
    for (const { container, serial } of this.#journal) {
      this.#state.end(attachment(container), this.#now, { serial });
    }
  }

  #endAll(): void {
    for (const container of [...this.pods.keys()].filter((each) => each < others)) {
      this.pods.delete(container);
    }
  }

  /** Not so long that the server may forget what it has lent to a node with pods on it. */
  #wait(by: number): void {
    const isLong = this.server.now + by > this.#prolonged + 23 * hour;
    if (!isLong || this.pods.size === 0) {
      this.server.now += by;
      this.#state.isLow(this.#now);
    }
  }

  #range(name: 'shared' | 'own' | 'six', isDisabled: boolean): void {
    const specs = {
      shared: { subnet: 'four', start: '10.9.0.0', end: '10.9.0.5' },
      own: { subnet: 'four', start: '10.9.0.8', end: '10.9.0.10', node: 'n1' },
      six: { subnet: 'six', start: 'fd00:9::', end: 'fd00:9::9' },
    };
    this.server.trial.addRange(name, { ...specs[name], disabled: isDisabled });
  }

  #reservation(address: string, isGone: boolean): void {
    const name = `r-${address.replaceAll(/[.:]/g, '-')}`;
    if (isGone) {
      return;
    }
    const hours = new Date(this.server.now + hour).toISOString();
    const pod = { namespace: 'shop', name: 'web-99' };
    this.server.trial.putReservation(name, { addresses: [address], pod, expiresAt: hours });
  }

  /** The node is dead before it's fenced; when it's back it hears the server before it gives anything. */
  #fence(): void {
    this.#endAll();
    // What rests by the fence may be somebody else's before it can be told.
    this.lives = [];
    this.server.fence();
    this.#boot++;
    this.#durable = this.#file.length;
    this.#restart();
    this.#exchange('reserve');
    this.#exchange('sync');
    this.#exchange('reserve');
  }

  /** No address is two pods'. */
  #compare(): void {
    const seen = new Map<string, number>();
    for (const [container, addresses] of this.pods) {
      for (const address of addresses) {
        ensure(!seen.has(address), `${address} is pod ${seen.get(address)}’s and pod ${container}’s`);
        seen.set(address, container);
      }
    }
  }

  /** Who began out of the reserve and has ended is in the ledger's history with its address. */
  #compareHistory(): void {
    const told = new Set(
      this.server.trial.changes.flatMap(({ containerId, addresses }) =>
        addresses.map((address) => `${containerId} ${address}`),
      ),
    );
    for (const { container, addresses } of this.lives) {
      for (const address of addresses) {
        ensure(told.has(`c${container} ${address}`), `nobody was told that c${container} had ${address}`);
      }
    }
  }
}

function isProblem(answer: Allocation | SyncAnswer | ReserveAnswer | ProblemAnswer): answer is ProblemAnswer {
  return 'code' in answer;
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each) => other.includes(each));
}

function ensure(holds: boolean, otherwise: string): void {
  if (!holds) {
    throw new Error(otherwise);
  }
}
