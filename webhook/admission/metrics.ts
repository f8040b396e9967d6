import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The webhook's figures; every label has few values, all known in advance. */
export class Metrics {
  readonly registry = new Registry();
  readonly #reviews: Counter<'path' | 'verdict' | 'reason'>;
  readonly #duration: Histogram<'path'>;
  readonly #policyLoaded: Gauge;
  readonly #reloads: Counter<'what' | 'result'>;
  readonly #certificateExpiry: Gauge;
  readonly #ledger: Counter<'outcome'>;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#reviews = new Counter({
      name: 'realip_webhook_reviews_total',
      help: 'Admission reviews answered, by verdict and its reason.',
      labelNames: ['path', 'verdict', 'reason'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'realip_webhook_review_duration_seconds',
      help: 'Time from the headers of a review to its answer.',
      labelNames: ['path'],
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2],
      registers,
    });
    this.#policyLoaded = new Gauge({
      name: 'realip_webhook_policy_loaded_timestamp_seconds',
      help: 'When the policy in use was loaded.',
      registers,
    });
    this.#reloads = new Counter({
      name: 'realip_webhook_reloads_total',
      help: 'Changed files taken over (ok) or refused, with the last good in use (refused).',
      labelNames: ['what', 'result'],
      registers,
    });
    this.#certificateExpiry = new Gauge({
      name: 'realip_webhook_certificate_expiry_timestamp_seconds',
      help: 'When the certificate in use ends.',
      registers,
    });
    this.#ledger = new Counter({
      name: 'realip_webhook_ledger_questions_total',
      help: 'Questions about addresses to the IPAM server: answered, failed, or skipped after failures.',
      labelNames: ['outcome'],
      registers,
    });
  }

  ledgerAsked(outcome: 'answered' | 'failed' | 'skipped'): void {
    this.#ledger.inc({ outcome });
  }

  review(path: string, verdict: string, reason: string, seconds: number): void {
    this.#reviews.inc({ path, verdict, reason });
    this.#duration.observe({ path }, seconds);
  }

  policyLoaded(): void {
    this.#policyLoaded.setToCurrentTime();
  }

  certificateLoaded(expires: Date): void {
    this.#certificateExpiry.set(expires.getTime() / 1000);
  }

  reload(what: 'policy' | 'certificate', result: 'ok' | 'refused'): void {
    this.#reloads.inc({ what, result });
  }
}
