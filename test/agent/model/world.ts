import { AgentState } from '../../../cni/agent/state/agent-state.ts';
import type { Outgoing, OutgoingAnswer } from '../../../cni/agent/state/outgoing.ts';
import { addressesOf, type Write } from '../../../cni/agent/state/record.ts';
import { Ip } from '../../../core/address/ip.ts';
import type { SyncAnswer } from '../../../schema/node-sync.ts';
import type { ProblemAnswer } from '../../../schema/problem.ts';
import type { ReserveAnswer, ReserveRequest } from '../../../schema/reserve.ts';
import { attachment } from '../../server/ledger-trial.ts';
import { isProblem, LedgerServer } from './ledger-server.ts';
import { Network } from './network.ts';
import type { Call, Step } from './step.ts';
import { ensure, namesOf, others, requestOf, same, Truth } from './truth.ts';
import { type Flight, Wire } from './wire.ts';

const hour = 3_600_000;

/**
 * A node with the agent's real state, the real ledger, and what is true besides: which pods live with which addresses,
 * what the file has and what of it the disk, what is under way in between.
 */
export class World {
  readonly server = new LedgerServer();
  readonly #truth = new Truth();
  #state: AgentState;
  #file: Write[][] = [];
  /** So many lines the disk has. */
  #durable = 0;
  #journal: { readonly container: number; readonly serial: number }[] = [];
  readonly #wire = new Wire();
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
  readonly #network = new Network();

  constructor() {
    this.#prolonged = this.server.now;
    this.#state = this.#made();
  }

  take(step: Step): void {
    // Nothing happens at the same time as something else.
    this.server.now += 1;
    this.#do(step);
    this.#truth.check();
  }

  /** All that is under way arrives, and time goes by, until both sides must agree. */
  settle(): void {
    this.#wire.cut();
    this.#network.clear();
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
    this.#truth.checkAgreement(this.server.allocated(), this.#state.status());
    this.#truth.checkHistory(this.server.trial.changes);
    expect(this.#journal).toEqual([]);
  }

  #do(step: Step): void {
    switch (step.do) {
      case 'add':
        this.#add(step.container, step.families);
        break;
      case 'ask':
        this.#ask(step.container, step.address);
        break;
      case 'del':
        this.#del(step.container, step.isMissed);
        break;
      case 'other':
        this.#other(step.container + others, step.isEnd);
        break;
      case 'probe':
        this.#probe();
        break;
      case 'recheck':
        this.#network.recheck(this.#state, this.#now);
        break;
      case 'rogue':
        this.#rogue(step.address, step.isGone);
        break;
      case 'exchange':
        this.#exchange(step.call);
        break;
      case 'send':
        this.#send(step.call);
        break;
      case 'serve':
        this.#wire.serve(this.#wire.flights[step.flight]);
        break;
      case 'hear':
        this.#wire.hear(this.#wire.flights[step.flight], this.#life);
        break;
      case 'crash':
        this.#crash(step.how);
        break;
      case 'time':
        this.#wait(step.by);
        break;
      case 'jump':
        this.#ahead += step.by;
        this.#state.isLow(this.#now);
        break;
      case 'range':
        this.server.setRange(step.name, step.isDisabled);
        break;
      case 'reservation':
        this.server.reserveAddress(step.address);
        break;
      case 'epoch':
        this.server.beginEpoch();
        break;
      case 'fence':
        this.#fence();
        break;
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

  #add(container: number, families: readonly ('ipv4' | 'ipv6')[] | null): void {
    const addresses = this.#given(container, families);
    if (addresses !== null) {
      this.#truth.pods.set(container, addresses);
    }
  }

  /** What the reserve gives, judged; null: nothing. */
  #given(container: number, families: readonly ('ipv4' | 'ipv6')[] | null): readonly string[] | null {
    const living = this.#truth.pods.get(container);
    const taken = this.#state.take(requestOf(container, families), this.#now);
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
    this.#truth.lives.push({ container, addresses, line: this.#file.length });
    return addresses;
  }

  #ask(container: number, address: string): void {
    const request = { ...requestOf(container, null), addresses: [address] };
    const families = [Ip.parse(address).family];
    const taken = this.#state.take({ ...request, families }, this.#now);
    // Who asks for it waits until an earlier end is told.
    const isFirst = !this.#truth.pods.has(container) && !this.#state.isTelling(request);
    if (taken.is === 'ask' && isFirst) {
      const answer = this.server.allocate({ ...request, families });
      if (!isProblem(answer)) {
        this.#state.forwarded(request, answer, this.#now);
        this.#truth.pods.set(container, addressesOf({ allocation: answer }));
      }
    }
  }

  #del(container: number, isMissed: boolean): void {
    this.#truth.pods.delete(container);
    if (!isMissed) {
      this.#journal.push({ container, serial: this.#state.serial });
      this.#state.end(attachment(container), this.#now);
    }
  }

  /** The other node's pods get what the ledger gives them, unprobed: so its word alone must do. */
  #other(container: number, isEnd: boolean): void {
    if (isEnd) {
      this.#truth.pods.delete(container);
      this.server.trial.release(attachment(container));
      return;
    }
    const answer = this.server.allocate(requestOf(container, null));
    if (!isProblem(answer)) {
      this.#truth.pods.set(container, addressesOf({ allocation: answer }));
    }
  }

  #probe(): void {
    for (const address of this.#network.probe(this.#state, this.#now)) {
      this.#sound.add(address);
    }
  }

  #rogue(address: string, isGone: boolean): void {
    if (this.#network.rogue(address, isGone, this.#state, this.#now) === 'reserve') {
      this.#sound.delete(address);
    }
  }

  #exchange(call: Call): void {
    const flight = this.#send(call);
    this.#wire.serve(flight);
    this.#wire.hear(flight, this.#life);
  }

  #send(call: Call): Flight | undefined {
    const flight = this.#flightOf(call);
    if (flight !== undefined) {
      // Before anything is told, the disk has what the file has.
      this.#durable = this.#file.length;
      this.#wire.send(flight);
    }
    return flight;
  }

  #flightOf(call: Call): Flight | undefined {
    const base = { call, life: this.#life };
    switch (call) {
      case 'sync': {
        const look = this.#state.look(this.#now);
        const sight = this.#truth.sight();
        this.#state.sighted(sight, look, this.#now);
        const request = this.#state.syncRequest(sight, look);
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

  #synced(answer: SyncAnswer | ProblemAnswer): void {
    if (isProblem(answer)) {
      this.#refused(answer);
      return;
    }
    const { conflicts } = this.#state.synced(answer, this.#now);
    this.#truth.reported.push(...conflicts.map(({ containerId, address }) => `${containerId} ${address}`));
    this.#isSynced = true;
  }

  #granted(answer: ReserveAnswer | ProblemAnswer, request: ReserveRequest): void {
    if (isProblem(answer)) {
      this.#refused(answer);
      return;
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
      const trouble = this.#state.told(out, answer, this.#now);
      this.#truth.reported.push(...(trouble === undefined ? [] : namesOf(trouble.stay)));
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
        this.#truth.lives.pop();
      }
      // What was written of it is cut, and it was never answered.
      this.#file.length = lines;
    }
    if (how === 'power') {
      this.#file.length = Math.min(this.#file.length, this.#durable);
      this.#truth.lives = this.#truth.lives.filter(({ line }) => line <= this.#file.length);
      this.#truth.endAll();
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

  /** Not so long that the server may forget what it has lent to a node with pods on it. */
  #wait(by: number): void {
    const isLong = this.server.now + by > this.#prolonged + 23 * hour;
    if (!isLong || this.#truth.pods.size === 0) {
      this.server.now += by;
      this.#state.isLow(this.#now);
    }
  }

  /** The node is dead before it's fenced; when it's back it hears the server before it gives anything. */
  #fence(): void {
    this.#truth.endAll();
    // What rests by the fence may be somebody else's before it can be told.
    this.#truth.lives = [];
    this.server.fence();
    this.#boot++;
    this.#durable = this.#file.length;
    this.#restart();
    this.#exchange('reserve');
    this.#exchange('sync');
    this.#exchange('reserve');
  }
}
