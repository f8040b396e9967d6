import { until } from '../../server/until.ts';
import { partRefs } from '../image/part-images.ts';
import { realipRef } from '../image/realip-images.ts';
import type { LiveCluster } from '../live-cluster.ts';
import { office as plan } from '../plan.ts';
import { Office } from './office.ts';
import { debugPort, ingressScript, registeringScript, webPort } from './programs.ts';
import { podSpot, type Spot } from './spot.ts';

const node = '/nodejs/bin/node';

interface Role {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Where it must run; elsewhere the scheduler chooses. */
  readonly on?: string;
  readonly command?: readonly string[];
  readonly image?: string;
  readonly port?: number;
}

const web = ['/agnhost', 'netexec', `--http-port=${webPort}`, '--udp-port=-1'];
const nodeImage = realipRef('webhook');

/** Who says nothing of zones is placed by the policy. */
const roles = [
  { name: 'shop-1', on: 'mac-1' },
  { name: 'shop-2', on: 'mac-2' },
  {
    name: 'billing',
    on: 'mac-1',
    command: ['/bin/sh', '-euc', registeringScript('billing', plan.address)],
  },
  {
    name: 'debugged',
    on: 'mac-2',
    image: nodeImage,
    port: debugPort,
    command: [node, `--inspect=0.0.0.0:${debugPort}`, '-e', 'setInterval(() => {}, 1000)'],
  },
  {
    name: 'ingress',
    labels: { 'app.kubernetes.io/name': 'ingress-nginx' },
    image: nodeImage,
    command: [node, '-e', ingressScript],
  },
  { name: 'inside', labels: { 'realip.io/zone': 'overlay' } },
  {
    name: 'old-billing',
    labels: { 'realip.io/zone': 'overlay' },
    command: ['/bin/sh', '-euc', registeringScript('old-billing', plan.address)],
  },
] as const satisfies readonly Role[];

export type Name = (typeof roles)[number]['name'];

/** A pod as it runs. */
export interface Player extends Spot {
  readonly node: string;
  /** As the API server has it. */
  // biome-ignore lint/suspicious/noExplicitAny: the API's object, looked into field by field
  readonly pod: any;
}

/** Those who take part: pods with a Service each, and a machine in the office. */
export class Cast {
  readonly cluster: LiveCluster;
  readonly namespace: string;
  readonly office: Office;
  readonly #players = new Map<string, Player>();

  private constructor(cluster: LiveCluster, namespace: string, office: Office) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.office = office;
  }

  /** Makes the pods, in a namespace that isn't there yet, and waits until all are ready. */
  static async gather(
    cluster: LiveCluster,
    namespace: string,
    names: readonly Name[] = roles.map(({ name }) => name),
  ): Promise<Cast> {
    const cast = new Cast(cluster, namespace, await Office.open(cluster));
    try {
      const metadata = { name: namespace };
      await cluster.must('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
      const chosen: readonly Role[] = roles.filter(({ name }) => names.includes(name));
      await Promise.all(
        chosen.map(async (role) => {
          await cluster.must('POST', `/api/v1/namespaces/${namespace}/services`, serviceOf(role));
          cast.#players.set(role.name, await cast.enter(role));
        }),
      );
      return cast;
    } catch (error) {
      await cast.office.close();
      throw error;
    }
  }

  /** @throws Error when it was not called in */
  readonly player = (name: Name): Player => {
    const found = this.#players.get(name);
    if (found === undefined) {
      throw new Error(`${name} takes no part`);
    }
    return found;
  };

  /** The ClusterIP of a pod's Service, and its port on every node. */
  readonly service = async (name: Name): Promise<{ readonly address: string; readonly nodePort: number }> => {
    const { spec } = await this.cluster.must('GET', `/api/v1/namespaces/${this.namespace}/services/${name}`);
    return { address: spec.clusterIP, nodePort: spec.ports[0].nodePort };
  };

  /** One more pod, which serves the web unless told otherwise; it is ready. */
  async enter(role: Role): Promise<Player> {
    const { cluster, namespace } = this;
    const pod = await cluster.runPod(podOf(role, namespace));
    const spot = podSpot(cluster, { namespace, name: role.name, address: pod.status.podIP });
    return { ...spot, node: pod.spec.nodeName, pod };
  }

  /** A pod ends. */
  async leave(name: string): Promise<void> {
    await this.#remove(`/api/v1/namespaces/${this.namespace}/pods/${name}`);
  }

  /** Sends all home; the namespace is gone. */
  async dismiss(): Promise<void> {
    await this.office.close();
    await this.#remove(`/api/v1/namespaces/${this.namespace}`);
  }

  async #remove(path: string): Promise<void> {
    await this.cluster.must('DELETE', path);
    await until(
      `${path} is gone`,
      async () => (await this.cluster.call('GET', path)).status === 404,
      180_000,
    );
  }
}

function serviceOf({ name, port = webPort }: Role): object {
  const ports = [{ port, targetPort: port }];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { type: 'NodePort', selector: { app: name }, ports },
  };
}

function podOf(
  { name, labels, on, command = web, image = partRefs.agnhost, port = webPort }: Role,
  namespace: string,
) {
  const readinessProbe = { tcpSocket: { port }, periodSeconds: 1, timeoutSeconds: 5 };
  return {
    metadata: { name, namespace, labels: { app: name, ...labels } },
    spec: {
      ...(on === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': on } }),
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image, command, readinessProbe }],
    },
  };
}
