import { reasonOf } from '../../core/problem/problem.ts';
import type { Cluster } from './cluster.ts';

interface Pod {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/**
 * What kubelets tell the API server of pods: bound ones become ready, deleted ones are gone. No container runs; what
 * the controllers and the API server make of it is their own.
 */
export class StandInKubelet {
  readonly #cluster: Cluster;
  #isOver = false;
  #loop: Promise<void>;
  /** What went wrong, but for pods that changed meanwhile. */
  readonly troubles: string[] = [];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#loop = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        const { items } = await this.#cluster.must('GET', '/api/v1/pods');
        for (const pod of items.filter((each: Pod) => each.spec.nodeName)) {
          await this.#attend(pod);
        }
      } catch (error) {
        this.troubles.push(reasonOf(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async #attend({ metadata, status }: Pod): Promise<void> {
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
    if (metadata.deletionTimestamp !== undefined) {
      await this.#cluster.call('DELETE', `${path}?gracePeriodSeconds=0`);
    } else if (!status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')) {
      const conditions = [{ type: 'Ready', status: 'True' }];
      await this.#cluster.call('PATCH', `${path}/status`, { status: { phase: 'Running', conditions } });
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#loop;
  }
}
