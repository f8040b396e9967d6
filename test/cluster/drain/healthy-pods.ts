import { isReady } from '../conditions.ts';
import type { LiveCluster } from '../live-cluster.ts';

/**
 * How many pods of a workload were healthy as a PodDisruptionBudget counts them, each time that the API server told of one: Ready,
 * and not about to end.
 */
export class HealthyPods {
  readonly #healthy: Set<string>;
  #least: number;
  #end = () => {};

  private constructor(healthy: Set<string>) {
    this.#healthy = healthy;
    this.#least = healthy.size;
  }

  /** @param label of the pods, such as `app=web` */
  static async watch(cluster: LiveCluster, namespace: string, label: string): Promise<HealthyPods> {
    const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(label)}`;
    const { metadata, items } = await cluster.must('GET', path);
    // biome-ignore lint/suspicious/noExplicitAny: the API's objects
    const names = items.filter(isHealthy).map((pod: any) => pod.metadata.name);
    const pods = new HealthyPods(new Set(names));
    pods.#end = await cluster.follow(`${path}&watch=1&resourceVersion=${metadata.resourceVersion}`, (line) =>
      pods.#take(JSON.parse(line)),
    );
    return pods;
  }

  /** The fewest that there were. */
  get least(): number {
    return this.#least;
  }

  stop(): void {
    this.#end();
  }

  // biome-ignore lint/suspicious/noExplicitAny: the API's events
  #take({ type, object }: any): void {
    if (type !== 'DELETED' && isHealthy(object)) {
      this.#healthy.add(object.metadata.name);
    } else {
      this.#healthy.delete(object.metadata.name);
    }
    this.#least = Math.min(this.#least, this.#healthy.size);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the API's object
function isHealthy(pod: any): boolean {
  return isReady(pod) && pod.metadata.deletionTimestamp === undefined;
}
