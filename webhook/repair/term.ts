import type { Logger } from 'winston';
import { reasonOf } from '../../core/problem/problem.ts';
import type { NamespaceLabels } from '../admission/reviewer.ts';
import type { ApiServer } from '../kube/api-server.ts';
import type { Policy } from '../policy/policy.ts';
import { Census, type Misplaced } from './census.ts';
import { Evictor } from './evictor.ts';
import { leaveOf } from './leave.ts';
import type { RepairMetrics } from './metrics.ts';
import { Teller } from './teller.ts';
import { type Notice, noticesOf } from './words.ts';

export interface TermParts {
  readonly api: ApiServer;
  readonly policy: () => Policy;
  readonly namespaces: NamespaceLabels;
  readonly metrics: RepairMetrics;
  readonly log: Logger;
  readonly isActing: () => boolean;
  readonly troubled: (what: string, reason: string) => void;
}

/** What one replica does from getting the lease to losing it: it starts knowing nothing, and leaves nothing behind. */
export class Term {
  readonly #parts: TermParts;
  readonly #teller: Teller;
  readonly #census: Census;
  readonly #evictor: Evictor;
  /** What keeps pods from being evicted, by their keys. */
  readonly #waits = new Map<string, Notice>();

  constructor(parts: TermParts) {
    this.#parts = parts;
    const { api, policy, namespaces, metrics, log, isActing, troubled } = parts;
    this.#teller = new Teller({ api, lost: (reason) => troubled('events', reason) });
    this.#census = new Census({
      api,
      policy,
      namespaces,
      troubled,
      found: (key, misplaced) => this.#found(key, misplaced),
    });
    this.#evictor = new Evictor({
      api,
      census: this.#census,
      policy,
      isActing,
      tried: ({ stored, finding }, { result, detail }) => {
        metrics.tried(result);
        const pod = `${stored.namespace}/${stored.name}`;
        const level = result === 'evicted' || result === 'failed' ? 'info' : 'debug';
        log.log(level, 'repair: eviction tried', { pod, flaws: finding.flaws, result, detail });
      },
      waits: (key, notice) => {
        this.#waits.set(key, notice);
        this.#found(key, this.#census.misplaced.get(key));
      },
      goes: (stored, notice) => this.#teller.say(stored, notice),
      troubled: (reason) => troubled('evictions', reason),
    });
  }

  start(): void {
    this.#parts.metrics.census = this.#census;
    for (const work of [this.#census, this.#teller, this.#evictor]) {
      work.run().catch((error: unknown) => this.#parts.troubled('its own work', reasonOf(error)));
    }
  }

  stop(): void {
    this.#parts.metrics.census = null;
    for (const work of [this.#census, this.#teller, this.#evictor]) {
      work.stop();
    }
  }

  #found(key: string, misplaced: Misplaced | undefined): void {
    if (misplaced === undefined) {
      this.#waits.delete(key);
      this.#teller.forget(key);
      return;
    }
    const { stored, finding } = misplaced;
    const leave = leaveOf(stored, finding, this.#parts.policy().repair, Date.now());
    const wait = leave === null ? this.#waits.get(key) : undefined;
    const notices = noticesOf(stored, finding, leave);
    this.#teller.tell(key, stored, wait === undefined ? notices : [...notices, wait]);
  }
}
