import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Registry } from 'prom-client';
import type { Logger } from 'winston';
import { findCluster } from '../../service/cluster.ts';
import { Seldom } from '../../service/seldom.ts';
import type { NamespaceLabels } from '../admission/reviewer.ts';
import type { Companion } from '../companion.ts';
import { ApiServer } from '../kube/api-server.ts';
import { Lease } from '../kube/lease.ts';
import { ownNamespace } from '../policy/names.ts';
import type { Policy } from '../policy/policy.ts';
import { Census } from './census.ts';
import { leaveOf } from './leave.ts';
import { RepairMetrics } from './metrics.ts';
import { Teller } from './teller.ts';
import { noticesOf } from './words.ts';

const leaseName = 'realip-webhook-repair';
/** The same trouble is logged once in so long. */
const quietMs = 60_000;

export interface RepairParts {
  readonly policy: () => Policy;
  readonly namespaces: NamespaceLabels;
  readonly registry: Registry;
  readonly log: Logger;
}

/** What one replica does from getting the lease to losing it. */
interface Term {
  stop(): void;
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
    return new Repair(parts, new ApiServer(await findCluster()));
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
    const { policy, namespaces, log } = this.#parts;
    const teller = new Teller({
      api: this.#api,
      lost: (reason) => this.#troubled('events', reason),
    });
    const census: Census = new Census({
      api: this.#api,
      policy,
      namespaces,
      troubled: (what, reason) => this.#troubled(what, reason),
      found: (key, misplaced) => {
        if (misplaced === undefined) {
          teller.forget(key);
          return;
        }
        const { stored, finding } = misplaced;
        const leave = leaveOf(stored, finding, policy().repair, Date.now());
        teller.tell(key, stored, noticesOf(stored, finding, leave));
      },
    });
    this.#metrics.census = census;
    this.#term = {
      stop: () => {
        census.stop();
        teller.stop();
      },
    };
    log.info('repair: this replica looks for misplaced pods');
    void Promise.all([census.run(), teller.run()]).catch((error: unknown) =>
      log.error('repair failed', { error: error instanceof Error ? error.stack : error }),
    );
  }

  #finish(reason: string): void {
    this.#metrics.census = null;
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
