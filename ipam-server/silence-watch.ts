import type { Logger } from 'winston';
import { reasonOf } from '../core/problem/problem.ts';
import { byServer } from './ledger/events/event.ts';
import { fenceSilent, silentNodes } from './ledger/nodes/silence.ts';
import type { Keeper } from './store/keeper.ts';

/** Milliseconds between two looks. */
const pause = 5_000;

/** So much later than it was due, and a look comes from a process that stood still and could hear nobody. */
const standstill = 3 * pause;

/**
 * Fences nodes that are silent for longer than they may be. Silence counts only while this server could hear: not
 * before its start, not while its store failed, not while the process stood still.
 */
export class SilenceWatch {
  readonly #keeper: Keeper;
  readonly #milliseconds: number;
  readonly #log: Logger;
  #heardSince: number | null = null;
  #lastLook = 0;
  #refused: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @param milliseconds without a sync after which a node counts as dead */
  constructor(keeper: Keeper, milliseconds: number, log: Logger) {
    this.#keeper = keeper;
    this.#milliseconds = milliseconds;
    this.#log = log;
  }

  start(): void {
    const look = () =>
      this.look().catch((error: unknown) => {
        this.#log.error('silent nodes were not fenced', { reason: reasonOf(error) });
      });
    void look();
    this.#timer = setInterval(() => void look(), pause);
  }

  stop(): void {
    if (this.#timer !== null) {
      clearInterval(this.#timer);
    }
  }

  /** Looks once, by the ledger’s clock; @returns the nodes that were fenced */
  async look(): Promise<string[]> {
    const now = this.#keeper.trouble === null ? this.#keeper.peek((_, time) => time) : null;
    if (now === null) {
      this.#heardSince = null;
      return [];
    }
    if (this.#heardSince === null || now - this.#lastLook > standstill) {
      this.#heardSince = now;
    }
    this.#lastLook = now;
    const patience = { milliseconds: this.#milliseconds, heardSince: this.#heardSince };
    const silence = this.#keeper.peek((ledger) => silentNodes(ledger, patience, now));
    if (silence === null) {
      return [];
    }
    this.#warn(silence.refused, silence.nodes);
    const fenced: string[] = [];
    for (const node of silence.refused === null ? silence.nodes : []) {
      const attachments = await this.#keeper.apply(
        (ledger, moment) => fenceSilent(ledger, node, patience, moment.now),
        byServer,
      );
      if (attachments !== null) {
        fenced.push(node);
        this.#log.warn('a silent node was fenced', { node, attachments });
      }
    }
    return fenced;
  }

  /** Once, not at each look; again when it is another refusal. */
  #warn(refused: string | null, nodes: readonly string[]): void {
    if (refused !== null && refused !== this.#refused) {
      this.#log.warn('silent nodes are not fenced: look at the network first', { refused, nodes });
    }
    this.#refused = refused;
  }
}
