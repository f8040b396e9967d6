import { until } from '../server/until.ts';
import { partRefs } from './image/part-images.ts';
import type { LiveCluster, PodManifest } from './live-cluster.ts';

/** Generous: the machine beneath may be busy with other things. */
export const waitMs = 120_000;

// biome-ignore lint/suspicious/noExplicitAny: the API's objects; the assertion is the check.
type Body = any;

/** What a test says of a pod beside its name. */
interface PodWish {
  readonly node?: string;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  /** In place of a web server that tells its name (port 8080). */
  readonly container?: object;
  readonly spec?: object;
}

const server = {
  name: 'main',
  image: partRefs.agnhost,
  args: ['netexec', '--http-port=8080', '--udp-port=8081'],
  readinessProbe: { httpGet: { path: '/hostname', port: 8080 }, periodSeconds: 1 },
};

/** Namespaces of a test file's own on the cluster, and what is in them. */
export class Workspace {
  readonly cluster: LiveCluster;
  readonly namespaces: readonly string[];

  private constructor(cluster: LiveCluster, namespaces: readonly string[]) {
    this.cluster = cluster;
    this.namespaces = namespaces;
  }

  /** Makes namespaces, `count` of them, whose names begin with `theme`. */
  static async open(cluster: LiveCluster, theme: string, count = 1): Promise<Workspace> {
    const mark = Math.random().toString(36).slice(2, 7);
    const namespaces = Array.from({ length: count }, (_, index) => `${theme}-${mark}-${index}`);
    for (const name of namespaces) {
      await cluster.must('POST', '/api/v1/namespaces', { metadata: { name } });
    }
    for (const name of namespaces) {
      const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
      await until(account, async () => (await cluster.call('GET', account)).status === 200, waitMs);
    }
    return new Workspace(cluster, namespaces);
  }

  /** The first of its namespaces. */
  get namespace(): string {
    return this.namespaces[0] ?? '';
  }

  /** A pod's object, with a web server where the test wants nothing else. */
  pod(
    name: string,
    wish: PodWish = {},
  ): PodManifest & { readonly apiVersion: string; readonly kind: string } {
    const { node, namespace = this.namespace, labels = {}, annotations = {}, container, spec = {} } = wish;
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: { app: name, ...labels }, annotations },
      spec: this.podSpec({ ...(node === undefined ? {} : { node }), container: container ?? {}, spec }),
    };
  }

  /** What a pod or a template has as `spec`. */
  podSpec({ node, container = {}, spec = {} }: Pick<PodWish, 'node' | 'container' | 'spec'> = {}): object {
    return {
      terminationGracePeriodSeconds: 1,
      ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }),
      containers: [{ ...server, ...container }],
      ...spec,
    };
  }

  /** `kubectl` in its first namespace; @returns what it printed; @throws Error with what it said */
  async kubectl(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.cluster.kubectl(['-n', this.namespace, ...args]);
    if (status !== 0) {
      throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    }
    return stdout;
  }

  /** Runs a shell's words in a pod. */
  inPod(pod: string, script: string): Promise<string> {
    return this.kubectl('exec', pod, '--', 'sh', '-c', script);
  }

  /** @param api such as `apis/apps/v1` */
  get(path: string, { namespace = this.namespace, api = 'api/v1' } = {}): Promise<Body> {
    return this.cluster.must('GET', `/${api}/namespaces/${namespace}/${path}`);
  }

  getPod(name: string, namespace = this.namespace): Promise<Body> {
    return this.get(`pods/${name}`, { namespace });
  }

  /** The pods with a label `app`. */
  async podsOf(app: string): Promise<Body[]> {
    return (await this.get(`pods?labelSelector=app%3D${app}`)).items;
  }

  /** Waits until pods are Ready; their addresses, in the same order. */
  async addresses(...names: string[]): Promise<string[]> {
    const pods = await Promise.all(names.map((name) => this.cluster.waitRunning(name, this.namespace)));
    return pods.map(({ status }) => status.podIP);
  }

  /** Waits until an event of an object tells this; its message. */
  async eventOf(name: string, holds: (event: Body) => boolean): Promise<string> {
    let found: Body;
    let seen: Body[] = [];
    await until(
      `an event of ${name} tells it`,
      async () => {
        seen = (await this.get(`events?fieldSelector=involvedObject.name%3D${name}`)).items;
        found = seen.find(holds);
        return found !== undefined;
      },
      waitMs,
    ).catch((error: Error) => {
      throw new Error(`${error.message}: ${seen.map(({ message }) => message).join(' | ')}`);
    });
    return found.message;
  }

  /** What the ledger has given to pods of its namespaces. */
  async given(): Promise<Body[]> {
    const { items } = await this.cluster.ledger.must('GET', '/v1/allocations?limit=1000');
    return items.filter(({ pod }: Body) => pod !== undefined && this.namespaces.includes(pod.namespace));
  }

  /** The state of an address in the ledger. */
  async stateOf(address: string): Promise<string> {
    return (await this.cluster.ledger.must('GET', `/v1/addresses/${address}`)).state;
  }

  /**
   * Deletes its namespaces, and waits until nothing is left: no address of theirs in the ledger, no route on a node to
   * a pod that is gone.
   */
  async close(): Promise<void> {
    for (const name of this.namespaces) {
      await this.cluster.call('DELETE', `/api/v1/namespaces/${name}`);
    }
    await until(
      'the namespaces are gone',
      async () => {
        const left = await Promise.all(
          this.namespaces.map((name) => this.cluster.call('GET', `/api/v1/namespaces/${name}`)),
        );
        return left.every(({ status }) => status === 404);
      },
      waitMs,
    );
    await until(
      'the ledger has nothing of theirs',
      async () => (await this.given()).length === 0,
      waitMs,
    ).catch(async () => expect(await this.given()).toEqual([]));
    await until(
      'the nodes have no way to pods that are gone',
      async () => (await this.#strayRoutes()).length === 0,
      waitMs,
    ).catch(async () => expect(await this.#strayRoutes()).toEqual([]));
  }

  async #strayRoutes(): Promise<string[]> {
    const { items } = await this.cluster.must('GET', '/api/v1/pods');
    const living = new Set(items.map(({ status }: Body) => status.podIP));
    return this.cluster.nodes.flatMap(({ name, host }) =>
      host
        .ask('route show proto 82')
        .filter(({ dst }) => !living.has(dst))
        .map(({ dst }) => `${name}: ${dst}`),
    );
  }
}
