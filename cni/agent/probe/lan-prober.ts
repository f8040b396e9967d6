import type { Ip } from '../../../core/address/ip.ts';
import { rfc5227 } from '../../../core/lan/rfc5227.ts';
import { spreadOf } from '../../../core/lan/spread.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { Claim } from '../../probe/claim.ts';
import type { Prober, Rechecked } from '../doors.ts';
import type { Clock } from './clock.ts';
import { ConflictLimit } from './conflict-limit.ts';
import type { Pace } from './pace.ts';
import { Pending } from './pending.ts';
import { Recheck } from './recheck.ts';
import { type Random, Rounds } from './rounds.ts';
import type { Wire } from './wire.ts';

/** Milliseconds between two looks at what was heard, and at the interface, while there is something to hear. */
const beat = 50;
/** The same while the interface can't hear. */
const silentBeat = 250;

export interface LanProberParts {
  readonly wire: Wire;
  /** Shared by all that the node sends. */
  readonly pace: Pace;
  readonly clock: Clock;
  readonly random: Random;
  /** How many nodes the zone has. */
  readonly nodes: () => number;
  /** Told once when addresses begin to wait for a carrier. */
  readonly silent: () => void;
}

/**
 * Asks one network, by one interface, for any number of addresses at once. It works in beats of a timer, and only while
 * there is something to ask; nothing in it blocks.
 */
export class LanProber implements Prober {
  readonly #parts: LanProberParts;
  readonly #pending = new Map<string, Pending>();
  readonly #rechecks = new Set<Recheck>();
  readonly #limit = new ConflictLimit();
  #life: string | undefined;
  #isSilent = false;
  #alarm: { readonly at: number; readonly callOff: () => void } | undefined;

  constructor(parts: LanProberParts) {
    this.#parts = parts;
  }

  async probe(
    ip: Ip,
    { isUrgent, signal }: { readonly isUrgent: boolean; readonly signal: AbortSignal },
  ): Promise<Claim | undefined> {
    signal.throwIfAborted();
    const key = ip.toString();
    const pending = this.#pending.get(key) ?? new Pending(ip, isUrgent);
    this.#pending.set(key, pending);
    if (isUrgent) {
      pending.isUrgent = true;
      pending.rounds?.hurry(this.#parts.clock.now());
    }
    this.#wakeIn(0);
    return pending.wait(signal, () => this.#pending.delete(key));
  }

  /** @throws Problem MASTER_MISSING, MASTER_WITHOUT_CARRIER: nobody could be asked */
  recheck(ips: readonly Ip[]): Promise<Rechecked> {
    if (ips.length === 0) {
      return Promise.resolve({ asked: [], claims: [] });
    }
    return new Promise((resolve, reject) => {
      const done = (claims: readonly Claim[]) => resolve({ asked: ips, claims });
      this.#rechecks.add(new Recheck(ips, done, reject));
      this.#wakeIn(0);
    });
  }

  /** Whoever waits is told the reason. */
  close(reason: unknown): void {
    this.#failAll(reason);
    this.#alarm?.callOff();
    this.#alarm = undefined;
  }

  #wakeIn(milliseconds: number): void {
    const { clock } = this.#parts;
    const at = clock.now() + milliseconds;
    if (this.#alarm === undefined || at < this.#alarm.at) {
      this.#alarm?.callOff();
      const callOff = clock.after(milliseconds, () => {
        this.#alarm = undefined;
        this.#work();
      });
      this.#alarm = { at, callOff };
    }
  }

  #work(): void {
    try {
      const next = this.#step();
      if (next === undefined) {
        this.#parts.wire.rest();
      } else {
        this.#wakeIn(next);
      }
    } catch (error) {
      // The interface is gone, or the kernel refuses: who waits decides whether to try again.
      this.#failAll(error);
    }
  }

  /** @returns milliseconds until the next one; undefined when there is nothing to do */
  #step(): number | undefined {
    if (this.#pending.size === 0 && this.#rechecks.size === 0) {
      return undefined;
    }
    const { wire, clock } = this.#parts;
    const life = wire.look();
    if (life !== this.#life) {
      this.#life = life;
      this.#restart();
    }
    this.#tellSilence(life === undefined && this.#pending.size > 0);
    if (life === undefined) {
      this.#failRechecks(new Problem('MASTER_WITHOUT_CARRIER', 'nobody on the network can be asked now'));
      return this.#pending.size === 0 ? undefined : silentBeat;
    }
    for (const claim of wire.heard()) {
      this.#heard(claim);
    }
    this.#plan();
    const now = clock.now();
    this.#finish(now);
    wire.listen(this.#listened(now));
    this.#askRechecks(now);
    this.#ask(now);
    return this.#untilNext(clock.now());
  }

  #tellSilence(isSilent: boolean): void {
    if (isSilent && !this.#isSilent) {
      this.#parts.silent();
    }
    this.#isSilent = isSilent;
  }

  /** Answers to what was asked in another life of the interface may be lost. */
  #restart(): void {
    const now = this.#parts.clock.now();
    for (const { rounds } of this.#pending.values()) {
      rounds?.restart(now);
    }
  }

  #heard(claim: Claim): void {
    const pending = this.#pending.get(claim.ip.toString());
    if (pending !== undefined) {
      this.#limit.conflicted();
      this.#settle(pending, claim);
    }
    for (const recheck of this.#rechecks) {
      recheck.heard(claim);
    }
  }

  /** Gives the new ones their times: a cluster's first fill is spread, unless a pod waits. */
  #plan(): void {
    const { clock, random, nodes, wire } = this.#parts;
    const fresh = [...this.#pending.values()].filter(({ rounds }) => rounds === undefined);
    const frames = fresh
      .filter(({ isUrgent }) => !isUrgent)
      .reduce((sum, { ip }) => sum + rfc5227.probes * wire.costOf(ip), 0);
    const spread = spreadOf(nodes(), frames);
    for (const pending of fresh) {
      const { isUrgent } = pending;
      pending.rounds = new Rounds(clock.now(), { isUrgent, hold: random() * spread }, random);
    }
  }

  /** What was asked thrice and waited for is nobody's, unless the node itself has got it meanwhile. */
  #finish(now: number): void {
    for (const pending of this.#pending.values()) {
      const { rounds, ip } = pending;
      if (rounds?.isAsked && rounds.dueAt <= now) {
        const known = this.#parts.wire.knownHere(ip);
        if (known === undefined) {
          this.#limit.found();
        }
        this.#settle(pending, known);
      }
    }
    for (const recheck of this.#rechecks) {
      if (recheck.isOver(now)) {
        this.#rechecks.delete(recheck);
        recheck.settle();
      }
    }
  }

  #listened(now: number): Ip[] {
    const probed = [...this.#pending.values()]
      .filter(({ rounds }) => rounds !== undefined && (rounds.sent > 0 || rounds.dueAt <= now))
      .map(({ ip }) => ip);
    return [...probed, ...[...this.#rechecks].flatMap(({ ips }) => ips)];
  }

  #askRechecks(now: number): void {
    const { wire, pace } = this.#parts;
    for (const recheck of this.#rechecks) {
      for (let ip = recheck.next; ip !== undefined; ip = recheck.next) {
        const known = wire.knownHere(ip);
        if (known !== undefined) {
          recheck.heard(known);
        } else if (pace.take(wire.costOf(ip), true, now)) {
          wire.ask(ip, true);
        } else {
          return;
        }
        recheck.asked(now);
      }
    }
  }

  /** The urgent ones first, then those that are nearest to their end. */
  #ask(now: number): void {
    const due = [...this.#pending.values()]
      .flatMap((pending) => {
        const { rounds } = pending;
        return rounds && !rounds.isAsked && rounds.dueAt <= now ? [{ pending, rounds }] : [];
      })
      .sort(({ rounds: a }, { rounds: b }) => rank(a) - rank(b) || a.dueAt - b.dueAt);
    for (const { pending, rounds } of due) {
      if (!this.#askFor(pending, rounds, now)) {
        return;
      }
    }
  }

  /** @returns false when no more may be sent now */
  #askFor(pending: Pending, rounds: Rounds, now: number): boolean {
    const { wire, pace } = this.#parts;
    const { ip } = pending;
    const isFirst = rounds.sent === 0;
    if (isFirst) {
      const known = wire.knownHere(ip);
      if (known !== undefined) {
        this.#settle(pending, known);
        return true;
      }
      if (!this.#limit.mayBegin(now)) {
        return true;
      }
    }
    if (!pace.take(wire.costOf(ip), rounds.isUrgent, now)) {
      return false;
    }
    if (isFirst) {
      this.#limit.began(now);
    }
    // Of the node's own pods no frame is lost, except while one is just starting.
    wire.ask(ip, isFirst || rounds.sent === rfc5227.probes - 1);
    rounds.asked(now);
    return true;
  }

  /** Sooner than a beat where something is due sooner; later where nothing was asked yet, so that nothing can be heard. */
  #untilNext(now: number): number | undefined {
    if (this.#pending.size === 0 && this.#rechecks.size === 0) {
      return undefined;
    }
    const due = [
      ...[...this.#pending.values()].map(({ rounds }) => rounds?.dueAt ?? now),
      ...[...this.#rechecks].map(({ until }) => until),
    ].reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const isListening =
      this.#rechecks.size > 0 || [...this.#pending.values()].some(({ rounds }) => (rounds?.sent ?? 0) > 0);
    // What is overdue waits for the pace: a beat later.
    return due <= now ? beat : Math.min(due - now, isListening ? beat : rfc5227.probeWait);
  }

  #settle(pending: Pending, claim: Claim | undefined): void {
    this.#pending.delete(pending.ip.toString());
    pending.settle(claim);
  }

  #failAll(reason: unknown): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const each of pending) {
      each.fail(reason);
    }
    this.#failRechecks(reason);
    this.#parts.wire.rest();
  }

  #failRechecks(reason: unknown): void {
    const rechecks = [...this.#rechecks];
    this.#rechecks.clear();
    for (const recheck of rechecks) {
      recheck.fail(reason);
    }
  }
}

/** Urgent before others, then with more questions behind it. */
function rank({ isUrgent, sent }: Rounds): number {
  return (isUrgent ? 0 : rfc5227.probes + 1) - sent;
}
