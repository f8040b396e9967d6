import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { version } from '../../package.json' with { type: 'json' };

/** From a memory look-up to a disk that hangs, in seconds. */
const latencies = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5];

/** Of the library's own: gauges whose names end as counters' do, which Prometheus' checks refuse. */
const misnamed = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

/** What can become of a request for an allocation. */
export const allocationOutcomes = [
  'created',
  'existing',
  'exhausted',
  'refused',
  'unavailable',
  'failed',
] as const;
export type AllocationOutcome = (typeof allocationOutcomes)[number];

/** What a scrape looks at, beside what was counted meanwhile. */
export interface Sources {
  /** The ledger's figures in Prometheus' text format. */
  readonly ledger: () => Promise<string>;
  /** Whether this server decides, rather than another. */
  readonly leads: () => boolean;
  /** Changes that wait for the store, in records. */
  readonly queued: () => number;
  /** By how many milliseconds the machine's clock is behind the ledger's. */
  readonly clockBehind: () => number;
}

/**
 * What Prometheus is told. No label is a pod, an address or a node, so that the number of series is bounded by the
 * objects that admins made. docs/ipam/metrics.md explains each.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #ledger: () => Promise<string>;
  readonly allocationSeconds = this.#histogram('allocation_duration_seconds', {
    help: 'From a valid request to its durable allocation.',
    buckets: latencies,
  });
  readonly allocations = this.#counter(
    'allocations_total',
    'Requests for an allocation, by what became of them.',
    'outcome',
  );
  readonly releases = this.#counter(
    'releases_total',
    'Requests for a release, by what became of them.',
    'outcome',
  );
  readonly requestSeconds = this.#histogram('request_duration_seconds', {
    help: 'From the headers of a request to the end of its answer, by kind of call.',
    buckets: latencies,
    labelNames: ['operation'],
  });
  readonly answers = this.#counter(
    'http_answers_total',
    'Answers by method and status class.',
    'method',
    'status',
  );
  readonly inFlight = new Gauge({
    name: 'realip_ipam_requests_in_flight',
    help: 'Requests whose answer has not ended; watchers are not among them.',
    registers: [this.#registry],
  });
  readonly commitSeconds = this.#histogram('commit_duration_seconds', {
    help: 'How long the store takes to make a batch durable.',
    buckets: [0.0002, ...latencies],
  });
  readonly commitRecords = this.#histogram('commit_records', {
    help: 'How many records a batch holds.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000],
  });
  readonly storeErrors = this.#counter('store_errors_total', 'Commits and loads that the store failed.');
  readonly events = this.#counter('events_total', 'Durable events of the ledger, by type.', 'type');
  readonly conflicts = this.#counter(
    'conflicts_total',
    'Reports of addresses that somebody else was seen to use.',
  );
  readonly quarantined = this.#counter('quarantined_total', 'Addresses put into quarantine by a report.');
  readonly shed = this.#counter(
    'shed_total',
    'Calls refused because there was too much to do: reads, edits of admins, changes of nodes.',
    'class',
  );
  readonly reloads = this.#counter(
    'reloads_total',
    'Changed files taken over (ok) or refused, with the last good one in use (refused).',
    'what',
    'result',
  );
  readonly kubeNodePatches = this.#counter(
    'kube_node_patches_total',
    'Nodes of the cluster that were to be written, by what became of it.',
    'result',
  );
  readonly kubeNodesSynced = new Gauge({
    name: 'realip_ipam_kube_nodes_synced_timestamp_seconds',
    help: 'When the cluster’s nodes were last looked at and none had failed to be written; at first the start, 0 where they are not kept.',
    registers: [this.#registry],
  });
  readonly kubeNodesBehind = new Gauge({
    name: 'realip_ipam_kube_nodes_behind',
    help: 'Nodes of the cluster that are not as the ledger has them.',
    registers: [this.#registry],
  });

  constructor({ ledger, leads, queued, clockBehind }: Sources) {
    this.#ledger = ledger;
    // Told from the start: a rate needs a zero to grow from.
    for (const outcome of allocationOutcomes) {
      this.allocations.inc({ outcome }, 0);
    }
    for (const each of ['read', 'edit', 'node']) {
      this.shed.inc({ class: each }, 0);
    }
    for (const result of ['ok', 'stale', 'failed']) {
      this.kubeNodePatches.inc({ result }, 0);
    }
    for (const what of ['tokens', 'certificate', 'etcd']) {
      this.reloads.inc({ what, result: 'ok' }, 0);
      this.reloads.inc({ what, result: 'refused' }, 0);
    }
    collectDefaultMetrics({ register: this.#registry });
    for (const name of misnamed) {
      this.#registry.removeSingleMetric(name);
    }
    this.#gauge('leader', '1 while this server decides; a server on a store of its own always does.', () =>
      Number(leads()),
    );
    this.#gauge('commit_queue_records', 'Records that wait for the store or are on their way to it.', queued);
    this.#gauge('clock_timestamp_seconds', 'The time by the machine’s clock.', () => Date.now() / 1000);
    this.#gauge(
      'clock_behind_seconds',
      'How far the machine’s clock is behind the time that the ledger has reached.',
      () => clockBehind() / 1000,
    );
    new Gauge({
      name: 'realip_ipam_build_info',
      help: 'Always 1; the version is in the labels.',
      labelNames: ['version'],
      registers: [this.#registry],
    }).set({ version }, 1);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    const counted = await this.#registry.metrics();
    return `${counted}${await this.#ledger()}`;
  }

  #gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name: `realip_ipam_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(value());
      },
    });
  }

  #counter<Label extends string>(name: string, help: string, ...labelNames: Label[]): Counter<Label> {
    return new Counter({ name: `realip_ipam_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #histogram<Label extends string = never>(
    name: string,
    shape: { readonly help: string; readonly buckets: number[]; readonly labelNames?: Label[] },
  ): Histogram<Label> {
    return new Histogram({ name: `realip_ipam_${name}`, ...shape, registers: [this.#registry] });
  }
}
