import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../server/until.ts';
import type { LiveCluster } from '../live-cluster.ts';
import type { Fault } from './fault.ts';
import { Wave } from './wave.ts';

/** Generous: the machine beneath may be busy with other things. */
const longestMs = 300_000;

/** Milliseconds between two looks: each reads all pods. */
const lookEveryMs = 250;

/** What came of a fault; milliseconds, from the blow. */
interface Outcome {
  /** Until all pods of the last wave were Ready. */
  readonly readyMs: number;
  /** Until those before were gone as well, and what had been broken worked. */
  readonly wellMs: number;
  /** How many pods came while it was broken, or shortly before. */
  readonly pods: number;
}

/** Waves of pods that come while those before go. */
export class Churn {
  readonly #cluster: LiveCluster;
  readonly #namespace: string;
  readonly #size: number;
  #count = 0;
  /** The last one. */
  #wave: Wave;
  /** Those before it, of which there may be pods yet. */
  #going: Wave[] = [];

  /** @param size how many pods a wave has */
  constructor(cluster: LiveCluster, namespace: string, size: number) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#size = size;
    this.#wave = this.#next();
  }

  /** How many pods it made until now; all of them go in the end. */
  get made(): number {
    return this.#count * this.#size;
  }

  /** Makes the first wave, and waits until it is Ready. */
  async begin(): Promise<void> {
    const metadata = { name: this.#namespace };
    await this.#cluster.must('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
    await this.#wave.create(this.#wave.names);
    await this.#settled(() => this.#wave.isReady());
  }

  /**
   * Lets a fault strike in the midst of a wave that comes and one that goes: half of either is asked for before, and
   * half while it is broken. As long as it is, the next wave comes when one is Ready.
   */
  async under(fault: Fault): Promise<Outcome> {
    const before = this.made;
    const half = Math.ceil(this.#size / 2);
    this.#turn();
    await this.#move(0, half);
    await fault.strike();
    const began = Date.now();
    let isMended = false;
    const mended = sleep(fault.lastsMs ?? 0)
      .then(() => fault.mend?.())
      .then(() => {
        isMended = true;
      });
    const moved = this.#move(half).then(async () => {
      const isNext = async () => isMended || (await this.#wave.isReady());
      await this.#settled(isNext, fault.lastsMs);
      while (!isMended) {
        this.#turn();
        await this.#move(0);
        await this.#settled(isNext, fault.lastsMs);
      }
    });
    await Promise.all([moved, mended]);
    await this.#settled(() => this.#wave.isReady());
    const readyMs = Date.now() - began;
    await this.#settled(async () => (await this.#areGone()) && (await fault.isWell()));
    return { readyMs, wellMs: Date.now() - began, pods: this.made - before };
  }

  /** The addresses of the wave that is there. */
  addresses(): Promise<string[]> {
    return this.#wave.addresses();
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

  #turn(): void {
    this.#going.push(this.#wave);
    this.#wave = this.#next();
  }

  /** Makes some pods of the new wave, and as many of the one before go. */
  async #move(from: number, to?: number): Promise<void> {
    const names = (wave: Wave | undefined) => wave?.names.slice(from, to) ?? [];
    const old = this.#going.at(-1);
    await Promise.all([this.#wave.create(names(this.#wave)), old?.delete(names(old))]);
  }

  async #areGone(): Promise<boolean> {
    const areGone = await Promise.all(this.#going.map((wave) => wave.isGone()));
    this.#going = this.#going.filter((_, index) => areGone[index] === false);
    return this.#going.length === 0;
  }

  /** @param brokenMs for how long what is waited for can't be expected, in milliseconds */
  async #settled(holds: () => Promise<boolean>, brokenMs = 0): Promise<void> {
    const isSo = () => holds().catch(() => false);
    await until('pods and parts are well again', isSo, brokenMs + longestMs, lookEveryMs);
  }
}
