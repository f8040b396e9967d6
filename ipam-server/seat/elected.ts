import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Logger } from 'winston';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { Seldom } from '../../service/seldom.ts';
import type { EtcdConnection } from '../store/etcd/connection.ts';
import { reach } from '../store/etcd/reach.ts';
import { Succession } from '../store/etcd/succession.ts';
import type { Keeper } from '../store/keeper.ts';
import { type Claim, claimText, parseClaim } from './claim.ts';

/** Another server that leads. */
export interface Leader extends Claim {
  /** Aborted once it may not lead any more: it may never answer what it was asked. */
  readonly gone: AbortSignal;
}

/** Another server that leads, and what tells of its end. */
interface Followed {
  readonly leader: Leader;
  readonly end: AbortController;
}

/** What an elected server is made of. */
export interface ElectedParts {
  readonly connection: EtcdConnection;
  readonly prefix: string;
  /** What the store is called in messages. */
  readonly name: string;
  readonly keeper: Keeper;
  readonly log: Logger;
  /** The first things a new leader does, before it answers. */
  readonly onLead: () => Promise<void>;
  /** It leads no more; who watches its events must go elsewhere. */
  readonly onFollow: () => void;
}

/** Milliseconds without a leader, or without a word of etcd, after which a follower isn't ready: longer than a take-over. */
const patience = 10_000;

/** Milliseconds between two looks whether the ledger has been read. */
const reading = 100;

/** Milliseconds between two lines about the same trouble. */
const lineEvery = 10_000;

/** The seat of a server beside others on one etcd: one of them leads, the rest hand it what they are asked. */
export class Elected {
  readonly #parts: ElectedParts;
  readonly #secret = randomBytes(18).toString('base64url');
  readonly #seldom = new Seldom(lineEvery, () => performance.now());
  #succession: Succession | null = null;
  #run: Promise<void> = Promise.resolve();
  #leads = false;
  /** Whether it could once lead at once: a rollout ends the next server when this one is ready. */
  #wasWarm = false;
  #leader: Followed | null = null;
  /** The claim that was last seen in etcd. */
  #seen: string | null = null;
  /** When etcd last said who leads, and when somebody last led, by the clock that never goes back. */
  #heard = Number.NEGATIVE_INFINITY;
  #led = Number.NEGATIVE_INFINITY;
  #lastError: unknown = null;
  readonly #waiting = new Set<() => void>();

  constructor(parts: ElectedParts) {
    this.#parts = parts;
  }

  /** Reports whether this server decides. */
  get leads(): boolean {
    return this.#leads;
  }

  /** The other server that decides; null while this one does, or nobody is known to. */
  get leader(): Leader | null {
    return this.#leader?.leader ?? null;
  }

  /** Why calls can't be answered, here or by the leader; null when they can be, or will be in a moment. */
  get trouble(): string | null {
    const now = performance.now();
    if (this.#leads) {
      return this.#parts.keeper.trouble;
    }
    if (!this.#wasWarm) {
      return 'the ledger is being read, so that this server could lead';
    }
    if (now - this.#heard > patience) {
      return `etcd does not say who leads: ${this.#lastError === null ? 'no answer' : reasonOf(this.#lastError)}`;
    }
    return now - this.#led > patience ? 'no server leads' : null;
  }

  /** Reports whether another server sent a call here because this one leads, as that one knows. */
  isMeant(secret: string): boolean {
    return secret === this.#secret;
  }

  /**
   * Takes part from now on. The promise is kept once this server leads, or knows who does and has read the ledger.
   *
   * @param url where the others reach it
   * @param fingerprint of its certificate; null without TLS
   * @throws Problem ETCD_UNREACHABLE, ETCD_TOO_OLD, STORE_DAMAGED, STORE_MOVED, STORE_TOO_NEW
   */
  async begin(url: string, fingerprint: string | null): Promise<void> {
    const { connection, prefix, name } = this.#parts;
    await reach(connection, prefix);
    const claim = claimText({ url, fingerprint, secret: this.#secret });
    let refused: (error: unknown) => void = () => {};
    const refusal = new Promise<never>((_, reject) => {
      refused = reject;
    });
    refusal.catch(() => {});
    this.#succession = new Succession(connection, prefix, name, claim, {
      lead: (store, inherited) => this.#lead(store, inherited),
      follow: (reason) => this.#follow(reason),
      onLook: (text) => this.#look(text),
      onError: (error) => {
        this.#complain(error);
        if (
          error instanceof Problem &&
          ['STORE_DAMAGED', 'STORE_TOO_NEW', 'STORE_MOVED'].includes(error.code)
        ) {
          refused(error);
        }
      },
    });
    this.#run = this.#succession.run();
    await Promise.race([refusal, this.#isSettled()]);
  }

  /** Tells the others of a new certificate. */
  redeclare(url: string, fingerprint: string | null): void {
    this.#succession?.declare(claimText({ url, fingerprint, secret: this.#secret }));
  }

  /** Lets another lead at once, if this server does. */
  async stop(): Promise<void> {
    this.#succession?.stop();
    await this.#run;
    this.#parts.connection.close();
  }

  /** Waits for a change of who leads; @param limit milliseconds that are waited at most */
  change(limit: number): Promise<void> {
    return new Promise((resolve) => {
      const changed = () => {
        clearTimeout(timer);
        this.#waiting.delete(changed);
        resolve();
      };
      const timer = setTimeout(changed, limit);
      this.#waiting.add(changed);
    });
  }

  async #isSettled(): Promise<void> {
    // A ledger that is read says nothing of it by itself.
    while (!this.#leads && (this.#leader === null || !this.#wasWarm)) {
      await this.change(reading);
      this.#wasWarm ||= this.#succession?.isWarm ?? false;
    }
    this.#wasWarm = true;
  }

  async #lead(...taken: Parameters<Keeper['lead']>): Promise<void> {
    const { keeper, log, name, onLead } = this.#parts;
    await keeper.lead(...taken);
    await onLead();
    this.#leads = true;
    this.#lastError = null;
    log.info('leading', { store: name, ledger: taken[1] === null ? 'read' : 'followed' });
    this.#tell();
  }

  async #follow(reason: string): Promise<void> {
    const { keeper, log, onFollow } = this.#parts;
    const led = this.#leads;
    this.#leads = false;
    keeper.follow(reason);
    if (led) {
      log.warn('leading no more', { reason });
      onFollow();
    }
    this.#tell();
  }

  /** @param text the leader's claim, which may be this server's own; null when there is none */
  #look(text: string | null): void {
    this.#heard = performance.now();
    this.#led = text === null ? this.#led : this.#heard;
    if (text === this.#seen) {
      return;
    }
    this.#seen = text;
    const said = text === null ? null : parseClaim(text);
    const claim = said?.secret === this.#secret ? null : said;
    if (claim !== null && claim.secret === this.#leader?.leader.secret) {
      // The same server with a new certificate; what it was asked it answers.
      const { end } = this.#leader;
      this.#leader = { end, leader: { ...claim, gone: end.signal } };
    } else {
      this.#leader?.end.abort(new Problem('NOT_LEADING', 'the server that led does not lead any more'));
      this.#leader = claim === null ? null : this.#follows(claim);
    }
    this.#tell();
  }

  #follows(claim: Claim): Followed {
    const end = new AbortController();
    // One listener for each call that is being handed on.
    setMaxListeners(0, end.signal);
    this.#parts.log.info('following', { leader: claim.url });
    return { end, leader: { ...claim, gone: end.signal } };
  }

  #tell(): void {
    for (const changed of [...this.#waiting]) {
      changed();
    }
  }

  #complain(error: unknown): void {
    this.#lastError = error;
    const alsoSince = this.#seldom.tell(reasonOf(error));
    if (alsoSince !== null) {
      const code = error instanceof Problem ? { code: error.code } : {};
      this.#parts.log.error('etcd fails', {
        store: this.#parts.name,
        ...code,
        reason: reasonOf(error),
        alsoSince,
      });
    }
  }
}
