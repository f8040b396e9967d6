import type { LiveCluster } from '../../cluster/live-cluster.ts';
import { until } from '../../server/until.ts';
import { after, type Moments, type PodEvent } from './moments.ts';

/** Generous: a full node takes a minute, and the machine may be busy with other things. */
const longestMs = 300_000;

/** The pods of a namespace, as a watch of the API server tells of them, each event with the moment it came. */
export class PodWatch {
  readonly #pods = new Map<string, Moments>();
  #end: () => void = () => {};

  static async open(cluster: LiveCluster, namespace: string): Promise<PodWatch> {
    const watch = new PodWatch();
    watch.#end = await cluster.follow(`/api/v1/namespaces/${namespace}/pods?watch=true`, (line) => {
      const at = performance.now();
      const event: PodEvent = JSON.parse(line);
      if (event.type === 'ERROR') {
        throw new Error(`the watch of pods ended: ${line}`);
      }
      const { name } = event.object.metadata;
      watch.#pods.set(name, after(watch.#pods.get(name) ?? {}, event, at));
    });
    return watch;
  }

  /** What was told of a pod by now. */
  of(name: string): Moments {
    return this.#pods.get(name) ?? {};
  }

  /** Waits until a moment of all these pods has come. @throws Error with what has not after five minutes */
  async all(names: readonly string[], moment: keyof Moments): Promise<void> {
    const missing = () => names.filter((name) => this.of(name)[moment] === undefined);
    await until(`${moment} of all pods`, () => missing().length === 0, longestMs).catch((error: Error) => {
      throw new Error(`${error.message}: ${missing().join(', ')}`);
    });
  }

  close(): void {
    this.#end();
  }
}
