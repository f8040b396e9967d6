import { setTimeout as sleep } from 'node:timers/promises';
import { partRefs } from '../image/part-images.ts';
import type { LiveCluster } from '../live-cluster.ts';

/** Milliseconds between two pods: an admission that fails is then met, whenever it does. */
const everyMs = 100;

/**
 * Pods that are made one after the other, each asked of the webhook, and never run: a gate keeps the scheduler from them, so
 * that hundreds cost nothing.
 */
export class PodStream {
  readonly #cluster: LiveCluster;
  readonly #namespace: string;
  readonly #running: Promise<void>;
  #isOver = false;
  #made = 0;
  readonly #unplaced: string[] = [];

  /** Begins at once. */
  constructor(cluster: LiveCluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#running = this.#run();
    // Told by stop(), which comes later.
    this.#running.catch(() => {});
  }

  /** How many there are by now. */
  get made(): number {
    return this.#made;
  }

  /**
   * Makes no more.
   *
   * @returns those that passed without the webhook's word, with the time of it
   * @throws Error where one was refused
   */
  async stop(): Promise<readonly string[]> {
    this.#isOver = true;
    await this.#running;
    return this.#unplaced;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const { metadata } = await this.#cluster.must('POST', `/api/v1/namespaces/${this.#namespace}/pods`, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { generateName: 'gated-' },
        spec: {
          schedulingGates: [{ name: 'realip.test/never' }],
          containers: [{ name: 'main', image: partRefs.pause }],
        },
      });
      this.#made += 1;
      if (metadata.annotations?.['realip.io/placed-by'] === undefined) {
        this.#unplaced.push(`${metadata.name} at ${new Date().toISOString()}`);
      }
      await sleep(everyMs);
    }
  }
}
