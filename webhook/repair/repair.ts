import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Registry } from 'prom-client';
import type { Logger } from 'winston';
import { Seldom } from '../../service/seldom.ts';
import type { NamespaceLabels } from '../admission/reviewer.ts';
import type { Companion } from '../companion.ts';
import { ApiServer } from '../kube/api-server.ts';
import { Lease } from '../kube/lease.ts';
import { ownNamespace } from '../policy/names.ts';
import type { Policy } from '../policy/policy.ts';
import { RepairMetrics } from './metrics.ts';
import { Term } from './term.ts';

const leaseName = 'realip-webhook-repair';
/** The same trouble is logged once in so long. */
const quietMs = 60_000;

export interface RepairParts {
  readonly policy: () => Policy;
  readonly namespaces: NamespaceLabels;
  readonly registry: Registry;
  readonly log: Logger;
}

/** `--repair`: finds the pods that slipped through while the webhook was away; of all replicas one acts. */
export class Repair implements Companion {
  readonly #parts: RepairParts;
  readonly #api: ApiServer;
  readonly #lease: Lease;
  readonly #metrics: RepairMetrics;
  readonly #seldom = new Seldom(quietMs, Date.now);
  #term: Term | null = null;
  #running: Promise<void> = Promise.resolve();

  private constructor(parts: RepairParts, api: ApiServer) {
    this.#parts = parts;
    this.#api = api;
    this.#metrics = new RepairMetrics(parts.registry);
    this.#lease = new Lease({
      api,
      namespace: ownNamespace,
      name: leaseName,
      identity: `${hostname()}_${randomBytes(8).toString('hex')}`,
      began: () => this.#begin(),
      ended: (reason) => this.#finish(reason),
      troubled: (reason) => this.#troubled('lease', reason),
    });
  }

  /** @throws Problem FLAG_INVALID where there is no cluster */
  static async open(parts: RepairParts): Promise<Repair> {
    return new Repair(parts, await ApiServer.open());
  }

  start(): void {
    this.#running = this.#lease.run();
  }

  /** Resolves once the lease is let go, so that another replica needs not wait for its end. */
  stop(): Promise<void> {
    this.#lease.stop();
    return this.#running;
  }

  #begin(): void {
    this.#parts.log.info('repair: this replica looks for misplaced pods');
    this.#term = new Term({
      ...this.#parts,
      api: this.#api,
      metrics: this.#metrics,
      isActing: () => this.#lease.isHeld,
      troubled: (what, reason) => this.#troubled(what, reason),
    });
    this.#term.start();
  }

  #finish(reason: string): void {
    this.#term?.stop();
    this.#term = null;
    this.#parts.log.info('repair: this replica stops to act', { reason });
  }

  #troubled(what: string, reason: string): void {
    const passedOver = this.#seldom.tell(what);
    if (passedOver !== null) {
      this.#parts.log.warn(`repair: trouble with ${what}`, { reason, passedOver });
    }
  }
}
