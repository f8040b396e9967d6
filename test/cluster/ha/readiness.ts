import { isReady } from '../conditions.ts';
import type { LiveCluster } from '../live-cluster.ts';

/** How often pods of the IPAM server were Ready, and ceased to be, as the API server told it. */
export class ReadinessWatch {
  readonly #ready = new Map<string, boolean[]>();
  readonly #end: () => void;

  private constructor(end: () => void, ready: Map<string, boolean[]>) {
    this.#end = end;
    this.#ready = ready;
  }

  static async start(cluster: LiveCluster): Promise<ReadinessWatch> {
    const ready = new Map<string, boolean[]>();
    const label = 'app.kubernetes.io/name%3Drealip-ipam-server';
    const path = `/api/v1/namespaces/realip-system/pods?watch=1&labelSelector=${label}`;
    const end = await cluster.follow(path, (line) => {
      const { type, object } = JSON.parse(line);
      if (type !== 'ADDED' && type !== 'MODIFIED') {
        return;
      }
      const seen = ready.get(object.metadata.name) ?? [];
      if (seen.at(-1) !== isReady(object)) {
        seen.push(isReady(object));
      }
      ready.set(object.metadata.name, seen);
    });
    return new ReadinessWatch(end, ready);
  }

  /** What was told of a pod so far, each change once. */
  of(pod: string): readonly boolean[] {
    return this.#ready.get(pod) ?? [];
  }

  stop(): void {
    this.#end();
  }
}
