import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../server/until.ts';
import { isReady } from '../conditions.ts';
import { partRefs } from '../image/part-images.ts';
import type { LiveCluster } from '../live-cluster.ts';

const longestMs = 180_000;

/** Pods that come and go together, in a namespace of their own. Who asks for them doesn't give up on an outage. */
export class Wave {
  readonly #cluster: LiveCluster;
  readonly #namespace: string;
  readonly names: readonly string[];

  /** @param size how many pods */
  constructor(cluster: LiveCluster, namespace: string, number: number, size: number) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.names = Array.from({ length: size }, (_, index) => `wave-${number}-${index}`);
  }

  /** Makes some of its pods; where they run, the webhook and the scheduler decide. */
  async create(names: readonly string[]): Promise<void> {
    await eachOf(names, async (name) => {
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'main', image: partRefs.pause }],
        },
      };
      await this.#insist('POST', this.#path, pod, [409]);
    });
  }

  async delete(names: readonly string[]): Promise<void> {
    await eachOf(names, (name) => this.#insist('DELETE', `${this.#path}/${name}`, undefined, [404]));
  }

  /** Reports whether all of its pods are Ready. */
  async isReady(): Promise<boolean> {
    const ready = (await this.#pods()).filter(isReady).map(({ metadata }) => metadata.name);
    return this.names.every((name) => ready.includes(name));
  }

  /** Reports whether the API server has none of its pods any more. */
  async isGone(): Promise<boolean> {
    const there = (await this.#pods()).map(({ metadata }) => metadata.name);
    return !this.names.some((name) => there.includes(name));
  }

  /** Those that its pods have by now. */
  async addresses(): Promise<string[]> {
    const own = (await this.#pods()).filter(({ metadata }) => this.names.includes(metadata.name));
    return own.flatMap(({ status }) => (status.podIP === undefined ? [] : [status.podIP]));
  }

  get #path(): string {
    return `/api/v1/namespaces/${this.#namespace}/pods`;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the API's objects
  async #pods(): Promise<any[]> {
    return (await this.#cluster.must('GET', this.#path)).items;
  }

  /** A call that is repeated until it succeeds, or another has done it before. */
  async #insist(method: string, path: string, json: unknown, done: readonly number[]): Promise<void> {
    await until(
      `${method} ${path} succeeds`,
      async () => {
        const { status } = await this.#cluster.call(method, path, json).catch(() => ({ status: 0 }));
        return (status >= 200 && status < 300) || done.includes(status);
      },
      longestMs,
    );
  }
}

/** One after the other with a breath between, so that what follows is in the midst of it. */
async function eachOf(names: readonly string[], act: (name: string) => Promise<void>): Promise<void> {
  for (const name of names) {
    await act(name);
    await sleep(20);
  }
}
