import { performance } from 'node:perf_hooks';
import { setTimeout as after } from 'node:timers/promises';
import { reasonOf } from '../../core/problem/problem.ts';
import type { ApiServer, KubeAnswer } from './api-server.ts';
import { messageOf } from './listed.ts';

/** As Kubernetes' own controllers have them: who is silent for `expires` is taken over from. */
const times = { expiresMs: 15_000, leadsMs: 10_000, renewMs: 3_000 } as const;

interface LeaseObject {
  readonly metadata: { readonly resourceVersion?: string };
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly leaseTransitions?: number;
    readonly acquireTime?: string;
  };
}

export interface LeaseParts {
  readonly api: Pick<ApiServer, 'call'>;
  readonly namespace: string;
  readonly name: string;
  /** Who this is: another at each start. */
  readonly identity: string;
  readonly began: () => void;
  readonly ended: (reason: string) => void;
  readonly troubled: (reason: string) => void;
}

/**
 * At most one process holds the lease (coordination.k8s.io). Time is only ever compared with this process's own
 * clock: a lease that did not change for its whole duration, as seen from here, is free. The holder counts from the
 * moment before its call, and stops a third earlier than others begin.
 */
export class Lease {
  readonly #parts: LeaseParts;
  readonly #path: string;
  readonly #end = new AbortController();
  #leadsUntil = 0;
  #leads = false;
  #seen: { readonly version: string; readonly at: number } | null = null;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
    this.#path = `/apis/coordination.k8s.io/v1/namespaces/${parts.namespace}/leases`;
  }

  /** Whether this process may act at this very moment. */
  get isHeld(): boolean {
    return this.#leads && performance.now() < this.#leadsUntil;
  }

  /** Tries to get and to keep the lease until `stop`; then lets it go, so that another needs not wait. */
  async run(): Promise<void> {
    const { signal } = this.#end;
    const watch = setInterval(() => this.#notice(), 500);
    while (!signal.aborted) {
      try {
        await this.#try();
      } catch (error) {
        this.#parts.troubled(reasonOf(error));
      }
      await after(times.renewMs, undefined, { signal }).catch(() => {});
    }
    clearInterval(watch);
    const wasHeld = this.isHeld;
    this.#lose('it stops');
    if (wasHeld) {
      await this.#letGo().catch((error: unknown) => this.#parts.troubled(reasonOf(error)));
    }
  }

  stop(): void {
    this.#end.abort();
  }

  async #try(): Promise<void> {
    const lease = await this.#read();
    if (lease === null) {
      await this.#write('POST', this.#path, this.#object(null));
      return;
    }
    const { holderIdentity = '' } = lease.spec ?? {};
    if (holderIdentity === this.#parts.identity || holderIdentity === '' || this.#isExpired(lease)) {
      await this.#write('PUT', `${this.#path}/${this.#parts.name}`, this.#object(lease));
    } else if (this.#leads) {
      this.#lose(`${holderIdentity} holds the lease`);
    }
  }

  async #read(): Promise<LeaseObject | null> {
    const answer = await this.#parts.api.call({ method: 'GET', path: `${this.#path}/${this.#parts.name}` });
    return answer.status === 404 ? null : (good(answer) as LeaseObject);
  }

  #isExpired({ metadata, spec }: LeaseObject): boolean {
    const version = metadata.resourceVersion ?? '';
    const now = performance.now();
    if (this.#seen?.version !== version) {
      this.#seen = { version, at: now };
    }
    const duration = (spec?.leaseDurationSeconds ?? 0) * 1000 || times.expiresMs;
    return now - this.#seen.at >= duration;
  }

  async #write(method: 'POST' | 'PUT', path: string, body: object): Promise<void> {
    const start = performance.now();
    const answer = await this.#parts.api.call({ method, path, body });
    if (answer.status === 409) {
      // Another was quicker.
      this.#lose('another took the lease');
      return;
    }
    good(answer);
    this.#leadsUntil = start + times.leadsMs;
    if (!this.#leads && !this.#end.signal.aborted) {
      this.#leads = true;
      this.#parts.began();
    }
  }

  #object(before: LeaseObject | null): object {
    const { identity, name, namespace } = this.#parts;
    const now = microTime();
    const isMine = before?.spec?.holderIdentity === identity;
    const { acquireTime, leaseTransitions = 0 } = before?.spec ?? {};
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace, ...before?.metadata },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: times.expiresMs / 1000,
        acquireTime: isMine ? acquireTime : now,
        renewTime: now,
        leaseTransitions: isMine || before === null ? leaseTransitions : leaseTransitions + 1,
      },
    };
  }

  async #letGo(): Promise<void> {
    const lease = await this.#read();
    if (lease?.spec?.holderIdentity === this.#parts.identity) {
      const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 };
      const path = `${this.#path}/${this.#parts.name}`;
      good(await this.#parts.api.call({ method: 'PUT', path, body: { ...lease, spec } }));
    }
  }

  /** A holder whose calls get no answer loses the lease by time alone. */
  #notice(): void {
    if (this.#leads && performance.now() >= this.#leadsUntil) {
      this.#lose('it could not be renewed in time');
    }
  }

  #lose(reason: string): void {
    if (this.#leads) {
      this.#leads = false;
      this.#parts.ended(reason);
    }
  }
}

/** A MicroTime of Kubernetes. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}

/** @throws Error for any status that is no success */
function good({ status, body }: KubeAnswer): unknown {
  if (status >= 300) {
    throw new Error(`the API server answers ${status}: ${messageOf(body)}`);
  }
  return body;
}
