import type { Logger } from 'winston';
import { Problem } from '../../../core/problem/problem.ts';
import type { HeldAttachment } from '../../../schema/node-sync.ts';
import type { Census } from '../doors.ts';
import type { AgentState } from '../state/agent-state.ts';
import { attachmentName } from '../state/record.ts';
import type { IpamServer } from './ipam-server.ts';
import { afterTimeout, Loop } from './loop.ts';
import { Refusal } from './refusal.ts';
import type { Registration } from './registration.ts';
import type { Teller } from './teller.ts';

/** Milliseconds. */
const every = {
  sync: 10_000,
  /** Prolongs what is held, and learns what the server calls back. */
  reserve: 10_000,
  /** What the server refused is tried again. */
  tell: 30_000,
  /** Between two looks into all namespaces, when nothing is missed: they cost. */
  wholeLook: 300_000,
  /** After a look that missed one: two looks that count are five seconds apart. */
  secondLook: 5_500,
} as const;

/** Milliseconds that the first pod waits for the first sync. */
const firstSync = 2_000;

/** Milliseconds that a pod waits to hear whether the server has anything new. */
const hearingPatience = 100;

export interface UpkeepParts {
  readonly state: AgentState;
  readonly server: IpamServer;
  readonly teller: Pick<Teller, 'tell'>;
  readonly registration: Registration;
  /** Also told what the server misses. */
  readonly census: Census & { suspected(suspects: readonly HeldAttachment[]): void };
  /** The node's own addresses. */
  readonly own: () => readonly string[];
  /** Takes the links of what the server has taken from this node away. */
  readonly takeDown: (revoked: readonly HeldAttachment[]) => Promise<void>;
  /** Kept once the disk has what the state says: the server must not know more of this node than it does itself. */
  readonly secure: () => Promise<void>;
  /** How many pods wait for an address. */
  readonly waiting: () => number;
  /** The state has changed. */
  readonly changed: () => void;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
  readonly now: () => number;
}

/** Keeps the server's ledger and this node the same: syncs, renews the reserve, tells what began and ended. */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #sync: Loop;
  readonly #reserve: Loop;
  readonly #tell: Loop;
  readonly #settled = Promise.withResolvers<void>();
  #isSettled = false;
  #isLooked = false;
  #isSynced = false;
  #wholeLookAt = Number.NEGATIVE_INFINITY;
  #troubles = new Map<string, string>();
  /** The differences of the last sync. */
  #told = '';
  /** One question for all pods that come before it is asked. */
  #nextHearing: Promise<void> | undefined;
  #lastHearing: Promise<void> = Promise.resolve();
  /** Kept once the call about the reserve that began last has ended; and the next one. */
  #renewal = Promise.withResolvers<void>();
  #nextRenewal = Promise.withResolvers<void>();

  constructor(parts: UpkeepParts) {
    const { random } = Math;
    const loop = (what: string, everyMs: number, task: () => Promise<void>) =>
      new Loop({
        everyMs,
        random,
        after: afterTimeout,
        task: async () => {
          await task();
          this.#troubles.delete(what);
        },
        onFailure: (error, reason) => this.#failed(what, error, reason),
      });
    this.#parts = parts;
    void this.settled.then(() => {
      this.#isSettled = true;
    });
    this.#sync = loop('sync', every.sync, () => this.#doSync());
    this.#reserve = loop('reserve', every.reserve, () => this.#doReserve());
    this.#tell = loop('outbox', every.tell, async () => {
      if (await parts.teller.tell()) {
        this.#tell.kick();
        parts.changed();
      }
    });
  }

  start(): void {
    this.#sync.kick();
    this.#tell.kick();
    setTimeout(() => this.#settled.resolve(), firstSync);
  }

  /** Kept once addresses may be given: after the first sync, or once it is clear that there won't be one soon. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /**
   * Kept once a pod may be served: after `settled`, and when the server was just asked whether pods have got addresses
   * of their own. One that doesn't answer at once holds no pod up.
   */
  async heard(): Promise<void> {
    await this.settled;
    if (!this.#isSynced || !this.#parts.server.isUp) {
      return;
    }
    this.#nextHearing ??= this.#lastHearing.then(() => {
      this.#nextHearing = undefined;
      this.#lastHearing = this.#hear();
      return this.#lastHearing;
    });
    await patiently(this.#nextHearing);
  }

  async #hear(): Promise<void> {
    const { state, server } = this.#parts;
    try {
      const { epoch, constraints } = await server.news();
      if (!state.isCurrent(epoch, constraints)) {
        const { promise } = this.#nextRenewal;
        this.#reserve.kick();
        await patiently(promise);
      }
    } catch {
      // That the server is away, or refuses, is told by the calls that matter.
    }
  }

  /** Something began or ended here. */
  tell(): void {
    this.#tell.kick();
    if (this.#parts.state.isLow(this.#parts.now())) {
      this.wanted();
    }
  }

  /** More of the reserve is needed. */
  wanted(): void {
    if (this.#isSynced) {
      this.#reserve.kick();
    }
  }

  /** The server is back, or away. */
  serverChanged(isUp: boolean): void {
    if (isUp) {
      this.#sync.kick(true);
      this.#tell.kick(true);
    } else {
      this.#settleAlone();
    }
  }

  /** Without the server the kernel alone says which addresses pods have. */
  #settleAlone(): void {
    if (this.#isLooked && !this.#parts.server.isUp) {
      this.#settled.resolve();
    }
  }

  /** Tells what is left, as far as that goes in the time, and ends. */
  async stop(): Promise<void> {
    await Promise.all([this.#sync.stop(), this.#reserve.stop(), this.#tell.stop()]);
  }

  async #doSync(): Promise<void> {
    const { state, server, census, registration, own, secure, now, log, changed } = this.#parts;
    const isWhole = state.isInDoubt || now() - this.#wholeLookAt >= every.wholeLook;
    const look = state.look(now());
    const sight = await census.look(isWhole);
    if (isWhole) {
      this.#wholeLookAt = now();
    }
    const ended = state.sighted(sight, look, now());
    this.#isLooked = true;
    this.#settleAlone();
    if (ended.length > 0) {
      log.warn('attachments are gone without a DEL', { attachments: ended.map(attachmentName) });
      this.#tell.kick();
    }
    if (state.isInDoubt) {
      setTimeout(() => this.#sync.kick(), every.secondLook);
    }
    changed();
    await registration.ensure();
    await secure();
    const answer = await server.sync(state.syncRequest(sight, look, own()));
    const { revoked, conflicts } = state.synced(answer, now());
    const { adopted, release, suspects } = answer;
    census.suspected(suspects);
    const differences = { adopted, release, revoked, conflicts };
    const told = JSON.stringify(differences);
    // A conflict stays until an admin ends it.
    if (Object.values(differences).some(({ length }) => length > 0) && told !== this.#told) {
      log.warn('the ledger and this node were not the same', differences);
    }
    this.#told = told;
    log.debug('synced', { shown: sight.attachments.length, suspects: suspects.length });
    this.#isSynced = true;
    this.#reserve.kick(true);
    this.#tell.kick();
    if (revoked.length > 0) {
      await this.#parts.takeDown(revoked);
    }
  }

  /** Only after a sync: what isn't held is let go, and the kernel may show more than the state knows. */
  async #doReserve(): Promise<void> {
    const { state, server, waiting, changed, secure, now } = this.#parts;
    if (!this.#isSynced) {
      return;
    }
    this.#renewal = this.#nextRenewal;
    this.#nextRenewal = Promise.withResolvers();
    const request = state.reserveRequest(now(), waiting());
    await secure();
    state.granted(await server.putReserve(request), now(), request);
    this.#renewal.resolve();
    // Not before: what a fence took away the sync doesn't say.
    this.#settled.resolve();
    changed();
    // The first answer names the subnets; the second has addresses of them.
    if (Object.keys(request.want ?? {}).length < state.status().subnets.length) {
      this.#reserve.kick();
    }
  }

  #failed(what: string, error: unknown, reason: string): void {
    const { log, changed, registration, server } = this.#parts;
    if (error instanceof Refusal) {
      this.#refused(error);
    }
    if (what !== 'outbox') {
      this.#settled.resolve();
    }
    if (what === 'reserve') {
      this.#renewal.resolve();
    }
    changed();
    registration.failed(error);
    // Each reason once; that the server is away is told where that is found out.
    const isAway = error instanceof Problem && error.code === 'AGENT_SERVER_AWAY' && !server.isUp;
    if (!isAway && this.#troubles.get(what) !== reason) {
      this.#troubles.set(what, reason);
      const code = error instanceof Refusal || error instanceof Problem ? error.code : undefined;
      const stack = code === undefined && error instanceof Error ? error.stack : undefined;
      log.warn(`${what} failed`, { reason, code, stack });
    }
  }

  #refused({ code, body }: Refusal): void {
    const { state, log } = this.#parts;
    if (code === 'EPOCH_MISMATCH') {
      const { epoch }: { epoch?: unknown } = JSON.parse(body);
      if (typeof epoch === 'number') {
        log.warn('the ledger has begun another life: the reserve is dropped', { epoch });
        state.newEpoch(epoch);
        this.#isSynced = false;
        this.#sync.kick(true);
      }
    } else if (code === 'NODE_FENCED') {
      log.warn('this node was fenced: the reserve is dropped');
      state.fenced();
      this.#isSynced = false;
      this.#sync.kick(true);
    }
  }
}

/** Kept with the promise, or when a pod has waited long enough. */
async function patiently(promise: Promise<void>): Promise<void> {
  const enough = Promise.withResolvers<void>();
  const timer = setTimeout(enough.resolve, hearingPatience);
  await Promise.race([promise, enough.promise]);
  clearTimeout(timer);
}
