import { Counter, Gauge, type Registry } from 'prom-client';
import { type AttemptResult, attemptResults } from './attempt.ts';
import type { Census } from './census.ts';
import { flaws } from './standing.ts';

/** Repair's figures. */
export class RepairMetrics {
  /** What the acting replica knows; null in the others, which say nothing of pods. */
  census: Pick<Census, 'misplaced'> | null = null;

  readonly #attempts: Counter<'result'>;

  constructor(registry: Registry) {
    this.#attempts = new Counter({
      name: 'realip_webhook_repair_evictions_total',
      help: 'Attempts to evict a misplaced pod, by what came of them.',
      labelNames: ['result'],
      registers: [registry],
    });
    // What was never seen can't be seen to grow: the first attempt would not count.
    for (const result of attemptResults) {
      this.#attempts.inc({ result }, 0);
    }
    const acting = () => (this.census === null ? 0 : 1);
    const count = () => this.#count();
    new Gauge({
      name: 'realip_webhook_repair_acting',
      help: 'Whether this replica is the one that looks for misplaced pods.',
      registers: [registry],
      collect() {
        this.set(acting());
      },
    });
    new Gauge({
      name: 'realip_webhook_misplaced_pods',
      help: 'Pods that do not stand as the policy would have them, by what is wrong; told by the acting replica alone.',
      labelNames: ['kind'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [kind, pods] of count()) {
          this.set({ kind }, pods);
        }
      },
    });
  }

  tried(result: AttemptResult): void {
    this.#attempts.inc({ result });
  }

  #count(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    if (this.census !== null) {
      for (const flaw of flaws) {
        counts.set(flaw, 0);
      }
      for (const { finding } of this.census.misplaced.values()) {
        for (const flaw of finding.flaws) {
          counts.set(flaw, (counts.get(flaw) ?? 0) + 1);
        }
      }
    }
    return counts;
  }
}
