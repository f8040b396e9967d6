import type { CoreV1Api, Informer, ObjectCache, V1Namespace } from '@kubernetes/client-node';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { findCluster } from '../../service/cluster.ts';
import type { NamespaceLabels } from '../admission/reviewer.ts';
import type { Texts } from '../policy/pod.ts';

const retryMs = 1_000;
/** The API server itself waits 2 s for the webhook's answer. */
const fetchMs = 1_000;

export interface NamespacesLog {
  warn(message: string, facts: object): void;
}

/**
 * The labels of all namespaces, kept by a watch. One that the watch has not brought yet is fetched; while the
 * watch is broken all are, so that a changed label always counts. Needs get, list and watch on namespaces.
 */
export class KubeNamespaces implements NamespaceLabels {
  readonly #api: CoreV1Api;
  readonly #informer: Informer<V1Namespace> & ObjectCache<V1Namespace>;
  readonly #log: NamespacesLog;
  #live = false;
  #retry: NodeJS.Timeout | null = null;

  private constructor(
    api: CoreV1Api,
    informer: Informer<V1Namespace> & ObjectCache<V1Namespace>,
    log: NamespacesLog,
  ) {
    this.#api = api;
    this.#informer = informer;
    this.#log = log;
    informer.on('error', (error: unknown) => this.#broken(error));
  }

  /** @throws Problem FLAG_INVALID where there is no cluster */
  static async open(log: NamespacesLog): Promise<KubeNamespaces> {
    const config = await findCluster();
    const { CoreV1Api, makeInformer } = await import('@kubernetes/client-node');
    const api = config.makeApiClient(CoreV1Api);
    const informer = makeInformer(config, '/api/v1/namespaces', () => api.listNamespace());
    const namespaces = new KubeNamespaces(api, informer, log);
    void namespaces.#start();
    return namespaces;
  }

  async of(namespace: string): Promise<Texts> {
    const known = this.#live ? this.#informer.get(namespace) : undefined;
    const { metadata } = known ?? (await this.#fetch(namespace));
    return metadata?.labels ?? {};
  }

  async #start(): Promise<void> {
    this.#retry = null;
    try {
      await this.#informer.start();
    } catch (error) {
      this.#broken(error);
    }
    // A list that failed was told to #broken, and start() resolves all the same.
    this.#live = this.#retry === null;
  }

  #broken(error: unknown): void {
    this.#live = false;
    this.#log.warn('the watch on namespaces broke; it is begun again', { error: reasonOf(error) });
    this.#retry ??= setTimeout(() => void this.#start(), retryMs);
  }

  async #fetch(name: string): Promise<V1Namespace> {
    const { promise: late, cancel } = timeLimit(fetchMs);
    try {
      return await Promise.race([this.#api.readNamespace({ name }), late]);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 404) {
        return {};
      }
      const [reason] = reasonOf(error).split('\n');
      throw new Problem('NAMESPACE_UNREADABLE', `namespace "${name}" could not be read: ${reason}`);
    } finally {
      cancel();
    }
  }
}

function timeLimit(ms: number): { promise: Promise<never>; cancel: () => void } {
  let timer: NodeJS.Timeout;
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}
