import type { Buffer } from 'node:buffer';
import type { Logger } from 'winston';
import { type Finding, formatFinding } from '../document/finding.ts';
import { WatchedFiles } from '../service/watched-files.ts';
import type { Metrics } from './admission/metrics.ts';
import type { Companion } from './companion.ts';
import { loadPolicy } from './policy/load.ts';
import type { Policy } from './policy/policy.ts';
import { StartError } from './start-error.ts';
import { readStartFile } from './start-file.ts';

/** The policy that counts now: the last good one that its file has held. */
export class PolicyInUse {
  readonly #file: string;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #first: Buffer;
  #policy: Policy;

  private constructor(file: string, contents: Buffer, log: Logger, metrics: Metrics) {
    this.#file = file;
    this.#first = contents;
    this.#log = log;
    this.#metrics = metrics;
    const loaded = loadPolicy(contents.toString('utf8'));
    if (!loaded.ok) {
      throw new StartError(loaded.errors.map((error) => formatFinding(file, error)));
    }
    this.#policy = loaded.policy;
    this.#announce(loaded.warnings);
  }

  /** @throws StartError with `file:line: reason` for everything that is wrong. */
  static open(file: string, log: Logger, metrics: Metrics): PolicyInUse {
    return new PolicyInUse(file, readStartFile(file), log, metrics);
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** Takes over what the file holds when it has changed. */
  keptCurrent(): Companion {
    return new WatchedFiles([this.#file], [this.#first], {
      changed: ([contents]) => contents && this.#reload(contents),
      unreadable: (reason) =>
        this.#log.error('the policy can’t be read; the last good one stays in use', { reason }),
    });
  }

  /** Takes a changed file over, or keeps the last good policy. */
  #reload(contents: Buffer): void {
    const loaded = loadPolicy(contents.toString('utf8'));
    if (loaded.ok) {
      this.#policy = loaded.policy;
      this.#metrics.reload('policy', 'ok');
      this.#announce(loaded.warnings);
      return;
    }
    this.#metrics.reload('policy', 'refused');
    const errors = loaded.errors.map((error) => formatFinding(this.#file, error));
    this.#log.error('the changed policy is invalid; the last good one stays in use', { errors });
  }

  #announce(warnings: readonly Finding[]): void {
    const { zones, rules } = this.#policy;
    this.#metrics.policyLoaded();
    this.#log.info('policy loaded', { file: this.#file, zones: zones.size, rules: rules.length });
    for (const warning of warnings) {
      this.#log.warn(formatFinding(this.#file, warning));
    }
  }
}
