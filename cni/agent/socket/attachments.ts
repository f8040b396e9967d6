import { Problem } from '../../../core/problem/problem.ts';
import type { Allocation, AllocationRequest, AttachmentKey } from '../../../schema/allocation.ts';
import type { Release } from '../../journal/record.ts';
import type { IpamServer } from '../server/ipam-server.ts';
import type { AgentState } from '../state/agent-state.ts';
import { attachmentName } from '../state/record.ts';
import { type Unserved, Waiters } from './waiters.ts';

/** Milliseconds between two looks whether an end was told, and for all of them. */
const tellPause = 10;
const tellPatience = 2_000;

/** What an ADD is answered. */
export interface Added {
  readonly allocation: Allocation;
  readonly created: boolean;
  /** The agent vouches for the addresses: nobody else has them. */
  readonly probed: boolean;
}

/** How an ADD was called. */
export interface Adding {
  readonly id: string | undefined;
  /** How long the caller waits for a probed address, in milliseconds. */
  readonly waitMs: number;
  /** Of the caller's hanging up. */
  readonly signal: AbortSignal;
}

/** Since the agent's start. */
export interface Counts {
  /** How many wait for an address now. */
  readonly waiting: number;
  /** How many got theirs out of the reserve, and from the server. */
  readonly taken: number;
  readonly asked: number;
  /** How many found none ready, and how many of those got none. */
  readonly waits: number;
  readonly empties: number;
  readonly ends: number;
}

export interface AttachmentDoors {
  readonly state: Pick<
    AgentState,
    'take' | 'toRecheck' | 'end' | 'serial' | 'isTelling' | 'forwarded' | 'status' | 'waitsNoMore'
  >;
  readonly server: Pick<IpamServer, 'allocate' | 'isUp'>;
  /** Kept once the release is on the disk. */
  readonly writeDown: (release: Release) => Promise<void>;
  /** Kept once the agent may give addresses: it has just heard which pods they are not for, or the server is away. */
  readonly heard: () => Promise<void>;
  /** More of the reserve is needed, and more is to be told to the server. */
  readonly wanted: () => void;
  readonly changed: () => void;
  readonly now: () => number;
}

/** An ADD for which the server is asked; a DEL that comes meanwhile ends it. */
interface Asked {
  readonly name: string;
  isEnded: boolean;
}

/** Gives pods of this node their addresses, and takes them back. */
export class Attachments {
  readonly #doors: AttachmentDoors;
  readonly #waiters = new Waiters();
  readonly #asked = new Set<Asked>();
  /** Of each ADD that has yet to hear: what tells it that the agent stops. */
  readonly #hearing = new Set<() => void>();
  #isStopping = false;
  readonly #sums = { taken: 0, asked: 0, waits: 0, empties: 0, ends: 0 };

  constructor(doors: AttachmentDoors) {
    this.#doors = doors;
  }

  get counts(): Counts {
    return { ...this.#sums, waiting: this.#waiters.count };
  }

  /**
   * The attachment's addresses; asked again, the same.
   *
   * @throws Problem AGENT_RESERVE_EMPTY, AGENT_SERVER_AWAY, AGENT_ATTACHMENT_ENDED, SHUTTING_DOWN; Refusal of the server
   */
  async add(request: AllocationRequest, adding: Adding): Promise<Added> {
    const came = this.#doors.now();
    await this.#heard(request, adding);
    const first = this.#attempt(request, adding);
    if (first !== undefined) {
      return typeof first === 'function' ? first() : first;
    }
    this.#sums.waits += 1;
    const name = attachmentName(request);
    const attempt = () => this.#attempt(request, adding);
    // An agent that has just begun has made it wait already, and its caller waits no longer for that.
    const left = adding.waitMs - Math.max(0, this.#doors.now() - came);
    const waited = this.#waiters.wait(name, attempt, left, adding.signal);
    this.#doors.wanted();
    const outcome = await waited;
    if (typeof outcome === 'string') {
      this.#doors.state.waitsNoMore(request);
      throw this.#unserved(outcome, adding);
    }
    return typeof outcome === 'function' ? outcome() : outcome;
  }

  /** Kept once the end is on the disk; the server is told afterwards. */
  async remove(key: AttachmentKey, generation: number | undefined): Promise<void> {
    const { network, containerId, ifname } = key;
    const name = attachmentName(key);
    this.#sums.ends += 1;
    this.#waiters.end(name);
    for (const asked of this.#asked) {
      asked.isEnded ||= asked.name === name;
    }
    const known = generation === undefined || generation === 0 ? {} : { generation };
    const { serial } = this.#doors.state;
    await this.#doors.writeDown({ network, containerId, ifname, ...known, serial });
    this.#doors.state.end(key, this.#doors.now(), { ...known, serial });
    this.#doors.changed();
  }

  /** A DEL that comes meanwhile ends what hasn't begun yet. */
  async #heard(request: AllocationRequest, adding: Adding): Promise<void> {
    const coming: Asked = { name: attachmentName(request), isEnded: false };
    this.#asked.add(coming);
    try {
      await this.#heardOrStopping();
    } finally {
      this.#asked.delete(coming);
    }
    if (this.#isStopping) {
      throw this.#unserved('stopped', adding);
    }
    if (coming.isEnded || adding.signal.aborted) {
      throw this.#unserved(coming.isEnded ? 'ended' : 'gone', adding);
    }
  }

  /** Not a race with one promise of the stop: that would keep something of every ADD for the agent's whole life. */
  async #heardOrStopping(): Promise<void> {
    if (this.#isStopping) {
      return;
    }
    let stop: () => void = () => undefined;
    const stopping = new Promise<void>((resolve) => {
      stop = resolve;
    });
    this.#hearing.add(stop);
    try {
      await Promise.race([this.#doors.heard(), stopping]);
    } finally {
      this.#hearing.delete(stop);
    }
  }

  /** Something may have become ready, or the server gone. */
  serve(): void {
    this.#waiters.serve();
  }

  /** Nobody waits any longer, nor will. */
  stop(): void {
    this.#isStopping = true;
    for (const stop of this.#hearing) {
      stop();
    }
    this.#waiters.stop();
  }

  /** The answer; what asks the server for it; undefined: to be waited for. @throws as `add` */
  #attempt(request: AllocationRequest, adding: Adding): Added | (() => Promise<Added>) | undefined {
    const { state, server, now, changed } = this.#doors;
    const taken = state.take(request, now(), adding.id);
    switch (taken.is) {
      case 'given':
        changed();
        this.#sums.taken += taken.created ? 1 : 0;
        return { allocation: taken.allocation, created: taken.created, probed: taken.isProbed };
      case 'ask':
        return () => this.#ask(request, adding, taken.why);
      case 'wait':
        if (!server.isUp && !this.#isAnyOnItsWay()) {
          this.#sums.empties += 1;
          throw new Problem('AGENT_RESERVE_EMPTY', 'the reserve is empty, and no IPAM server answers');
        }
        return undefined;
    }
  }

  /** One is being probed, or is only to be asked for once more. */
  #isAnyOnItsWay(): boolean {
    const { state, now } = this.#doors;
    return (
      state.status().reserve.some((each) => each.state === 'probing') || state.toRecheck(now()).length > 0
    );
  }

  async #ask(request: AllocationRequest, { id, signal }: Adding, why: string): Promise<Added> {
    const { server, state, now } = this.#doors;
    const asked: Asked = { name: attachmentName(request), isEnded: false };
    this.#asked.add(asked);
    try {
      await this.#endIsTold(request);
      const { allocation, created } = await server.allocate(request, id);
      if (asked.isEnded) {
        const { network, containerId, ifname } = request;
        const { generation } = allocation;
        await this.#doors.writeDown({ network, containerId, ifname, generation, serial: state.serial });
        state.end(request, now(), { generation });
        this.#doors.changed();
        throw this.#unserved('ended', { waitMs: 0 });
      }
      state.forwarded(request, allocation, now(), id);
      this.#sums.asked += created ? 1 : 0;
      this.#doors.changed();
      // Who gave this agent up has asked the server, which told him of this same allocation: his pod may live by it.
      // If no pod does, the census ends it.
      if (signal.aborted) {
        throw this.#unserved('gone', { waitMs: 0 });
      }
      return { allocation, created, probed: false };
    } catch (error) {
      if (error instanceof Problem && error.code === 'AGENT_SERVER_AWAY') {
        throw new Problem(
          'AGENT_SERVER_AWAY',
          `${why}, so that the server decides; ${error.message}`,
          {},
          error,
        );
      }
      throw error;
    } finally {
      this.#asked.delete(asked);
    }
  }

  /** An end of the same attachment reaches the server first: told later, it would take what is asked for now. */
  async #endIsTold(key: AttachmentKey): Promise<void> {
    const { state, server, changed } = this.#doors;
    for (let waited = 0; state.isTelling(key); waited += tellPause) {
      if (waited >= tellPatience || !server.isUp) {
        throw new Problem(
          'AGENT_SERVER_AWAY',
          'the server is yet to be told that this attachment ended before',
        );
      }
      changed();
      await new Promise((resolve) => setTimeout(resolve, tellPause));
    }
  }

  #unserved(how: Unserved, { waitMs }: Pick<Adding, 'waitMs'>): Problem {
    switch (how) {
      case 'late':
        this.#sums.empties += 1;
        return new Problem('AGENT_RESERVE_EMPTY', `no probed address became ready within ${waitMs} ms`);
      case 'stopped':
        return new Problem('SHUTTING_DOWN', 'the agent is stopping');
      case 'gone':
      case 'ended':
        return new Problem('AGENT_ATTACHMENT_ENDED', 'DEL came while ADD waited, or its caller hung up');
    }
  }
}
