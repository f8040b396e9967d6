import type { Logger } from 'winston';
import { type Finding, formatFinding } from '../document/finding.ts';
import type { Metrics } from './admission/metrics.ts';
import type { Companion } from './companion.ts';
import type { Knowledge } from './policy/knowledge.ts';
import { loadPolicy } from './policy/load.ts';
import type { Policy } from './policy/policy.ts';
import type { PolicySource } from './policy-source.ts';
import { StartError } from './start-error.ts';

/** The policy that counts now: the last good one that its file or ConfigMap has held. */
export class PolicyInUse {
  readonly #source: PolicySource;
  readonly #knows: Knowledge;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  #policy: Policy;

  /**
   * @param knows what is known here, for warnings
   * @throws StartError with `file:line: reason` for everything that is wrong
   */
  constructor(source: PolicySource, knows: Knowledge, log: Logger, metrics: Metrics) {
    this.#source = source;
    this.#knows = knows;
    this.#log = log;
    this.#metrics = metrics;
    const loaded = loadPolicy(source.first, knows);
    if (!loaded.ok) {
      throw new StartError(loaded.errors.map((error) => formatFinding(source.name, error)));
    }
    this.#policy = loaded.policy;
    this.#announce(loaded.warnings);
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** Takes over what the source holds when it has changed. */
  keptCurrent(): Companion {
    return this.#source.watched({
      changed: (text) => this.#reload(text),
      lost: (reason) => {
        this.#metrics.reload('policy', 'refused');
        this.#log.error('the policy can’t be read; the last good one stays in use', {
          policy: this.#source.name,
          reason,
        });
      },
    });
  }

  /** Takes a changed text over, or keeps the last good policy. */
  #reload(text: string): void {
    const loaded = loadPolicy(text, this.#knows);
    if (loaded.ok) {
      this.#policy = loaded.policy;
      this.#metrics.reload('policy', 'ok');
      this.#announce(loaded.warnings);
      return;
    }
    this.#metrics.reload('policy', 'refused');
    const errors = loaded.errors.map((error) => formatFinding(this.#source.name, error));
    this.#log.error('the changed policy is invalid; the last good one stays in use', { errors });
  }

  #announce(warnings: readonly Finding[]): void {
    const { zones, rules } = this.#policy;
    this.#metrics.policyLoaded();
    this.#log.info('policy loaded', { file: this.#source.name, zones: zones.size, rules: rules.length });
    for (const warning of warnings) {
      this.#log.warn(formatFinding(this.#source.name, warning));
    }
  }
}
