import { join } from 'node:path';
import { until } from '../server/until.ts';
import { type Cluster, startMs } from './cluster.ts';
import type { ClusterNetwork } from './cluster-network.ts';
import { type Pod, RunningPod } from './running-pod.ts';

const dist = join(import.meta.dirname, '../../dist');
/** The programs that stand for the images of the manifests. */
const programs: Readonly<Record<string, string>> = { 'realip-webhook': 'webhook.js' };
const periodMs = 500;
const probeMs = 2_000;

/**
 * Stands for the kubelets of all nodes, for one namespace and for the images that are programs of this build. Such
 * pods' processes are started where the scheduler bound them, probed, told of in their status, and ended when the
 * pods are deleted. It starts no process again by itself, and pods of other images stay as they are.
 */
export class Kubelet {
  readonly #cluster: Cluster;
  readonly #network: ClusterNetwork;
  readonly #namespace: string;
  readonly #pods = new Map<string, RunningPod>();
  readonly #ending = new Set<Promise<void>>();
  #probed = 0;
  #addresses = 0;
  #isStopped = false;
  #loop: Promise<void>;

  constructor(cluster: Cluster, namespace: string) {
    if (cluster.network === null) {
      throw new Error('a cluster whose pods run needs a network of its own: start it with services');
    }
    this.#cluster = cluster;
    this.#network = cluster.network;
    this.#namespace = namespace;
    this.#loop = this.#run();
  }

  /** The pods whose processes it has started and not ended. */
  get pods(): readonly RunningPod[] {
    return [...this.#pods.values()];
  }

  /** Waits until that many pods are ready, and Services know it. */
  async ready(count: number): Promise<void> {
    await until(
      `${count} pods of ${this.#namespace} are ready`,
      () => this.pods.filter(({ isReady }) => isReady).length === count,
      startMs,
    );
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      // The API server may be away: then all stays as it is, as with a kubelet.
      await this.#look().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, periodMs));
    }
  }

  async #look(): Promise<void> {
    const { items } = await this.#cluster.must('GET', `/api/v1/namespaces/${this.#namespace}/pods`);
    for (const pod of items as Pod[]) {
      const running = this.#pods.get(pod.metadata.uid);
      if (pod.metadata.deletionTimestamp !== undefined) {
        this.#end(pod, running);
      } else if (running === undefined) {
        await this.#begin(pod);
      }
    }
    const isDue = Date.now() - this.#probed >= probeMs;
    this.#probed = isDue ? Date.now() : this.#probed;
    await Promise.all(
      this.pods.map(async (each) => {
        await each.run();
        if (isDue || !each.isReady) {
          await each.fill();
          await each.probe();
        }
      }),
    );
  }

  async #begin(pod: Pod): Promise<void> {
    const [name = ''] = (pod.spec.containers[0]?.image ?? '').split('/').at(-1)?.split(':') ?? [];
    const program = programs[name];
    if (program !== undefined && pod.spec.nodeName !== undefined) {
      const ip = `10.244.0.${++this.#addresses}`;
      const running = new RunningPod(this.#cluster, this.#network, pod, ip, join(dist, program));
      this.#pods.set(pod.metadata.uid, running);
    }
  }

  #end(pod: Pod, running: RunningPod | undefined): void {
    if (running === undefined || !this.#pods.delete(pod.metadata.uid)) {
      return;
    }
    const ending = running.end().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#loop;
    await Promise.all(this.pods.map((each) => each.remove()));
    await Promise.allSettled(this.#ending);
  }
}
