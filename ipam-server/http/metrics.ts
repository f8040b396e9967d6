import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { addressStates, type Usage } from '../../schema/address.ts';

/** The usage of each subnet at the moment of a scrape. */
export type UsageBySubnet = () => ReadonlyMap<string, Usage>;

/** What Prometheus is told. No label is a pod or an address, so the number of series is bounded. */
export class Metrics {
  readonly #registry = new Registry();
  readonly allocationSeconds: Histogram;
  readonly commitSeconds: Histogram;
  readonly commitRecords: Histogram;
  readonly storeErrors: Counter;
  readonly answers: Counter;
  readonly conflicts: Counter;
  readonly quarantined: Counter;

  constructor(usage: UsageBySubnet) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: 'realip_ipam_addresses',
      help: 'Usable addresses of the ranges of a subnet, by state.',
      labelNames: ['subnet', 'state'],
      registers,
      collect() {
        this.reset();
        for (const [subnet, { byState }] of usage()) {
          for (const state of addressStates) {
            this.set({ subnet, state }, byState[state]);
          }
        }
      },
    });
    this.allocationSeconds = new Histogram({
      name: 'realip_ipam_allocation_duration_seconds',
      help: 'From a valid request to its durable allocation.',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
      registers,
    });
    this.commitSeconds = new Histogram({
      name: 'realip_ipam_commit_duration_seconds',
      help: 'How long the store takes to make a batch durable.',
      buckets: [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
      registers,
    });
    this.commitRecords = new Histogram({
      name: 'realip_ipam_commit_records',
      help: 'How many records a batch holds.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000],
      registers,
    });
    this.storeErrors = new Counter({
      name: 'realip_ipam_store_errors_total',
      help: 'Commits and loads that the store failed.',
      registers,
    });
    this.answers = new Counter({
      name: 'realip_ipam_http_answers_total',
      help: 'Answers by method and status class.',
      labelNames: ['method', 'status'],
      registers,
    });
    this.conflicts = new Counter({
      name: 'realip_ipam_conflicts_total',
      help: 'Reports of addresses that somebody else was seen to use.',
      registers,
    });
    this.quarantined = new Counter({
      name: 'realip_ipam_quarantined_total',
      help: 'Addresses put into quarantine by a report.',
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
