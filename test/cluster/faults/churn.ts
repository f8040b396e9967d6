import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../server/until.ts';
import type { LiveCluster } from '../live-cluster.ts';
import type { Fault } from './fault.ts';
import { Wave } from './wave.ts';

/** Generous: the machine beneath may be busy with other things. */
const longestMs = 300_000;

/** Waves of pods that come while those before go. */
export class Churn {
  readonly #cluster: LiveCluster;
  readonly #namespace: string;
  readonly #size: number;
  #count = 0;
  #old: Wave;

  /** @param size how many pods a wave has */
  constructor(cluster: LiveCluster, namespace: string, size: number) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#size = size;
    this.#old = this.#next();
  }

  /** Makes the first wave, and waits until it is Ready. */
  async begin(): Promise<void> {
    const metadata = { name: this.#namespace };
    await this.#cluster.must('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
    await this.#old.create(this.#old.names);
    await this.#settled(() => this.#old.isReady());
  }

  /**
   * Lets a fault strike in the midst of a wave that comes and one that goes. Half of either is asked for before, and
   * half while it is broken.
   *
   * @returns how long it took from the blow until all pods of the new wave were Ready, and until the old wave was gone
   *   and what had been broken worked as well, in milliseconds
   */
  async under(fault: Fault): Promise<{ readyMs: number; wellMs: number }> {
    const [old, fresh] = [this.#old, this.#next()];
    const half = Math.ceil(this.#size / 2);
    const turn = async (from: number, to?: number) => {
      await Promise.all([fresh.create(fresh.names.slice(from, to)), old.delete(old.names.slice(from, to))]);
    };
    this.#old = fresh;
    await turn(0, half);
    await fault.strike();
    const began = Date.now();
    const mended = sleep(fault.lastsMs ?? 0).then(() => fault.mend?.());
    const ready = turn(half)
      .then(() => this.#settled(() => fresh.isReady()))
      .then(() => Date.now() - began);
    const [readyMs] = await Promise.all([ready, mended]);
    await this.#settled(async () => (await old.isGone()) && (await fault.isWell()));
    return { readyMs, wellMs: Date.now() - began };
  }

  /** The addresses of the wave that is there. */
  addresses(): Promise<string[]> {
    return this.#old.addresses();
  }

  /** Takes away what it made. */
  async end(): Promise<void> {
    await this.#cluster.call('DELETE', `/api/v1/namespaces/${this.#namespace}`);
    const gone = async () =>
      (await this.#cluster.call('GET', `/api/v1/namespaces/${this.#namespace}`)).status === 404;
    await this.#settled(gone);
  }

  #next(): Wave {
    this.#count += 1;
    return new Wave(this.#cluster, this.#namespace, this.#count, this.#size);
  }

  async #settled(holds: () => Promise<boolean>): Promise<void> {
    await until('pods and parts are well again', () => holds().catch(() => false), longestMs);
  }
}
