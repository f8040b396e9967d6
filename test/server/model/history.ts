import { Ip } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { takeConflict } from '../../../ipam-server/ledger/addresses/conflict.ts';
import { allocate } from '../../../ipam-server/ledger/allocation/allocate.ts';
import { release } from '../../../ipam-server/ledger/allocation/release.ts';
import type { Decide, Each } from '../../../ipam-server/ledger/command.ts';
import { putNode } from '../../../ipam-server/ledger/edits/node-edits.ts';
import { putRange } from '../../../ipam-server/ledger/edits/range-edits.ts';
import { deleteReservation, putReservation } from '../../../ipam-server/ledger/edits/reservation-edits.ts';
import { putSubnet } from '../../../ipam-server/ledger/edits/subnet-edits.ts';
import { putZone } from '../../../ipam-server/ledger/edits/zone-edits.ts';
import { byServer } from '../../../ipam-server/ledger/events/event.ts';
import { fenceNode } from '../../../ipam-server/ledger/nodes/fence.ts';
import { putReserve } from '../../../ipam-server/ledger/nodes/reserve.ts';
import { syncNode } from '../../../ipam-server/ledger/nodes/sync.ts';
import { attachmentName } from '../../../ipam-server/ledger/state/record.ts';
import { Keeper } from '../../../ipam-server/store/keeper.ts';
import { ledgerOf } from '../../../ipam-server/store/load.ts';
import { Agent } from './agent.ts';
import type { Disk } from './disk.ts';
import { expectSame } from './ledger-view.ts';
import { Model } from './model.ts';
import { containers, cooldown, pods, type Step } from './step.ts';
import { ownersTold } from './told.ts';
import { UnsteadyStore } from './unsteady-store.ts';

const beginning = 1_000_000_000;
const attachment = (n: number) => ({ network: 'net', containerId: `c${n}`, ifname: 'eth0' });
const candidates = [
  ...Array.from({ length: 13 }, (_, i) => `10.9.0.${i}`),
  ...Array.from({ length: 8 }, (_, i) => `fd00:9::${i}`),
];

/** No reserve's time runs out in a life: that is tried elsewhere. */
const longest = 20 * 3_600_000;

/**
 * A server's life in one process: the real keeper and ledger on a store that ends commits as it is told, beside
 * a model that knows only what was decided and what was acknowledged. Clock, ids and the ends of commits are
 * inputs, so the same steps give the same life.
 */
export class History {
  readonly model = new Model();
  readonly #disk: Disk;
  #store: UnsteadyStore;
  #keeper: Keeper | null = null;
  #clock = beginning;
  #ids = 0;
  #life = 0;
  readonly #calls = new Set<Promise<void>>();
  readonly #generations = new Map<number, number>();
  readonly #agents = new Map<string, Agent>();

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#store = new UnsteadyStore(disk.store);
  }

  async begin(): Promise<void> {
    await this.#start();
    const cooldownSeconds = cooldown / 1000;
    await this.#edit((ledger) => putZone(ledger, 'real', { type: 'macvlan' }, {}));
    for (const [name, cidr] of [
      ['four', '10.9.0.0/28'],
      ['six', 'fd00:9::/124'],
    ] as const) {
      await this.#edit((ledger) => putSubnet(ledger, name, { zone: 'real', cidr, cooldownSeconds }, {}));
    }
    await this.#edit((ledger) => putRange(ledger, 'shared', sharedRange(5, false), {}));
    const own = { subnet: 'four', start: '10.9.0.10', end: '10.9.0.12', node: 'n1' };
    await this.#edit((ledger) => putRange(ledger, 'own', own, {}));
    await this.#edit((ledger) =>
      putRange(ledger, 'six', { subnet: 'six', start: 'fd00:9::', end: 'fd00:9::6' }, {}),
    );
    for (const name of ['n1', 'n2']) {
      await this.#edit((ledger, { now }) => putNode(ledger, name, { zone: 'real' }, {}, now));
    }
    this.#store.isSteady = false;
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'allocate':
        return this.#allocate(step);
      case 'release':
        return this.#release(step);
      case 'conflict':
        return this.#conflict(step);
      case 'range':
        return this.#call((ledger) => putRange(ledger, 'shared', sharedRange(step.last, step.disabled), {}));
      case 'time':
        this.#clock = Math.min(this.#clock + step.by, beginning + longest);
        return;
      case 'reserve':
        return this.#reserve(step);
      case 'unreserve':
        return this.#call((ledger) => deleteReservation(ledger, step.name, {}));
      case 'batch':
        return this.#batch(step);
      case 'warm':
        return this.#warm(step);
      case 'sync':
        return this.#sync(step);
      case 'fence':
        return this.#call((ledger, { now }) => fenceNode(ledger, step.node, 'it is dead', now));
      case 'look':
        return this.#look();
      case 'commit':
        return this.#commit(step.outcome);
      case 'crash':
        return this.#crash(step.isMade);
    }
  }

  /** Lets everything end well, and looks whether all that was acknowledged is there. */
  async finish(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      await this.#commit('made');
    }
    await this.#crash(false);
    await this.#disk.store.check();
    await this.#keeper?.close();
  }

  async #reserve({ name, address, pod, expires }: Extract<Step, { do: 'reserve' }>): Promise<void> {
    const spec = {
      addresses: [candidates[address] ?? ''],
      ...(pod === null ? {} : { pod: podOf(pod) }),
      ...(expires === null ? {} : { expiresAt: new Date(this.#clock + expires).toISOString() }),
    };
    await this.#call((ledger, { now }) => putReservation(ledger, name, spec, {}, now));
  }

  async #batch({ allocate: more, release: less, node }: Extract<Step, { do: 'batch' }>): Promise<void> {
    await this.#callEach((each) => {
      for (const container of less) {
        each((ledger, moment) => release(ledger, attachment(container), {}, moment));
      }
      for (const container of more) {
        try {
          const request = { node, ...attachment(container), pod: podOf(container) };
          each((ledger, moment) => allocate(ledger, request, moment));
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }
    });
  }

  async #warm(step: Extract<Step, { do: 'warm' }>): Promise<void> {
    const agent = this.#agentOf(step.node);
    const request = agent.reserveRequest(step);
    await this.#callEach(
      (each) => putReserve(each, step.node, request).answer,
      (answer) => agent.granted(answer),
    );
  }

  async #sync({ node, shown, strange, isAware }: Extract<Step, { do: 'sync' }>): Promise<void> {
    const attachments = shown.map((container) => {
      const name = attachmentName(attachment(container));
      const known = [...this.model.owners].flatMap(([address, owner]) => (owner === name ? [address] : []));
      const addresses = known.length > 0 || strange === null ? known : [candidates[strange] ?? ''];
      return { ...attachment(container), addresses, pod: podOf(container) };
    });
    const all = Array.from({ length: containers }, (_, n) => attachment(n).containerId);
    const report = this.#agentOf(node).report(attachments, all, isAware);
    await this.#callEach(
      (each) => {
        const { answer } = syncNode(each, node, report.request);
        report.decided(answer);
        return answer;
      },
      (answer) => report.answered(answer),
    );
  }

  #agentOf(node: string): Agent {
    const agent = this.#agents.get(node) ?? new Agent();
    this.#agents.set(node, agent);
    return agent;
  }

  async #allocate({ container, node, families, wanted }: Extract<Step, { do: 'allocate' }>): Promise<void> {
    const address = wanted === null ? undefined : candidates[wanted];
    const request = {
      node,
      ...attachment(container),
      pod: podOf(container),
      ...(families === null ? {} : { families }),
      ...(address === undefined ? {} : { addresses: [address] }),
    };
    await this.#call(
      (ledger, moment) => allocate(ledger, request, moment),
      ({ allocation }) => {
        if (!this.#generations.has(container)) {
          this.#generations.set(container, allocation.generation);
        }
      },
    );
  }

  async #release({ container, isLate }: Extract<Step, { do: 'release' }>): Promise<void> {
    const generation = isLate ? this.#generations.get(container) : undefined;
    const bounds = generation === undefined ? {} : { generation };
    await this.#call((ledger, moment) => {
      const { generation: present } =
        ledger.holders.ofAttachment(attachmentName(attachment(container))) ?? {};
      const decision = release(ledger, attachment(container), bounds, moment);
      const isMeant = present !== undefined && (generation === undefined || generation === present);
      expect([generation, present, decision.writes.length > 0]).toEqual([generation, present, isMeant]);
      return decision;
    });
  }

  async #conflict({ address, container }: Extract<Step, { do: 'conflict' }>): Promise<void> {
    const ip = Ip.parse(candidates[address] ?? '10.9.0.1');
    const report = { node: 'n1', mac: '02:00:00:00:00:66', ...attachment(container) };
    await this.#call((ledger, moment) => takeConflict(ledger, ip, report, {}, moment));
  }

  /** Somebody looks: what he is told is durable. */
  async #look(): Promise<void> {
    const life = this.#life;
    const place = this.model.place;
    const read = this.#present()
      .read((ledger, now) => {
        this.model.upkept(ledger, now, false);
        return ledger.holders.size;
      })
      .then(
        (holders) => {
          if (life === this.#life) {
            expect(holders).toBe(this.model.holdersAt(place));
            this.model.acknowledged(place);
          }
        },
        (error: unknown) => expect(error).toBeInstanceOf(Problem),
      );
    this.#track(read);
    await Promise.race([read, turn()]);
  }

  /** A call of a client: decided at once, answered when its records are durable, or never. */
  async #call<Answer>(decide: Decide<Answer>, answered: (answer: Answer) => void = () => {}): Promise<void> {
    await this.#callEach((each) => each(decide), answered);
  }

  async #callEach<Answer>(
    work: (each: Each) => Answer,
    answered: (answer: Answer) => void = () => {},
  ): Promise<void> {
    const life = this.#life;
    let place = -1;
    const call = this.#present()
      .applyEach(
        (each) =>
          work((decide) =>
            each((ledger, moment) => {
              this.model.upkept(ledger, moment.now, this.#present().trouble === null);
              const decision = decide(ledger, moment);
              place = this.model.decided(decision, ledger, moment.now);
              return decision;
            }),
          ),
        byServer,
      )
      .then(
        (answer) => {
          if (life === this.#life) {
            this.model.acknowledged(place);
            answered(answer);
          }
        },
        (error: unknown) => {
          if (!(error instanceof Problem)) {
            throw error;
          }
        },
      );
    this.#track(call);
    await Promise.race([call, turn()]);
  }

  #track(call: Promise<void>): void {
    this.#calls.add(call);
    void call.finally(() => this.#calls.delete(call)).catch(() => {});
  }

  async #edit(decide: Decide<unknown>): Promise<void> {
    await this.#call(decide);
    await Promise.all(this.#calls);
  }

  async #commit(outcome: Parameters<UnsteadyStore['end']>[0]): Promise<void> {
    await turn();
    if (!this.#store.isCommitting) {
      return;
    }
    await this.#store.end(outcome);
    if (outcome === 'made') {
      await turn();
      return;
    }
    this.#store.isSteady = true;
    await said();
    await this.#look();
    await Promise.all(this.#calls);
    while (this.#present().trouble !== null) {
      await turn();
    }
    await this.#compare();
    this.#store.isSteady = false;
  }

  async #crash(isMade: boolean): Promise<void> {
    await turn();
    const late = await this.#store.crash(isMade);
    this.#life++;
    this.#calls.clear();
    await this.#start();
    if (late !== null) {
      await this.#disk.late?.(late);
    }
    await this.#compare();
    this.#store.isSteady = false;
  }

  async #start(): Promise<void> {
    const inherited = await this.#disk.takeOver();
    this.#store = new UnsteadyStore(this.#disk.store);
    this.#keeper = new Keeper({
      now: () => this.#clock,
      id: () => `id-${++this.#ids}`,
      onCommit: () => {},
      onEvents: () => {},
      onStoreError: () => {},
    });
    await this.#keeper.lead(this.#store, inherited);
  }

  /** What the server knows after it has read its store again is something that it had decided, and all it had acknowledged. */
  async #compare(): Promise<void> {
    const records = new Map<string, string>();
    await this.#disk.store.load((part) => {
      for (const [key, value] of part) {
        records.set(key, value);
      }
    });
    this.#present().peek((ledger, now) => expectSame(ledger, ledgerOf([...records], now), now));
    await this.#present().read((ledger, now) => this.model.reloaded(records, ledger, now));
    const told = ownersTold(await this.#disk.store.events({ after: 0, limit: Number.MAX_SAFE_INTEGER }));
    expect(told).toEqual(this.model.owners);
  }

  #present(): Keeper {
    if (this.#keeper === null) {
      throw new Error('the history has not begun');
    }
    return this.#keeper;
  }
}

const podOf = (n: number) => ({ namespace: 'shop', name: `p${n % pods}` });

function sharedRange(last: number, disabled: boolean) {
  return { subnet: 'four', start: '10.9.0.0', end: `10.9.0.${last}`, disabled };
}

/** Lets a promise's end be heard by all who wait for it, before anything else happens. */
async function said(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await null;
  }
}

/** Lets everything run that can run without the store. */
async function turn(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
