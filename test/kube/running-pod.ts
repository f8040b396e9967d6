import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { type Cluster, startMs } from './cluster.ts';
import { type ClusterNetwork, entering } from './cluster-network.ts';
import type { Daemon } from './daemon.ts';
import { startContainer } from './pod-container.ts';
import { fill, fillAccount, type Volume } from './pod-volumes.ts';

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string | number };
  readonly periodSeconds?: number;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
  }[];
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface Pod {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly serviceAccountName: string;
    readonly hostNetwork?: boolean;
    readonly securityContext?: { readonly runAsUser?: number };
    readonly containers: readonly Container[];
    readonly volumes?: readonly Volume[];
  };
}

const accountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

/** One pod, whose first container runs as a process in the cluster's network under the pod's address. */
export class RunningPod {
  readonly pod: Pod;
  readonly ip: string;
  readonly #cluster: Cluster;
  readonly #network: ClusterNetwork;
  readonly #program: string;
  readonly #host: Host;
  #process: Daemon | null = null;
  #isReady: boolean | null = null;
  #isEnding = false;

  constructor(cluster: Cluster, network: ClusterNetwork, pod: Pod, ip: string, program: string) {
    this.#cluster = cluster;
    this.#network = network;
    this.pod = pod;
    this.ip = ip;
    this.#program = program;
    this.#host = network.addPod(ip);
  }

  get name(): string {
    return this.pod.metadata.name;
  }

  get isRunning(): boolean {
    return this.#process?.isRunning ?? false;
  }

  get log(): string {
    return join(this.#cluster.folder, `${this.name}.log`);
  }

  get isReady(): boolean {
    return this.#isReady === true;
  }

  get #container(): Container {
    const [container] = this.pod.spec.containers;
    if (container === undefined) {
      throw new Error(`${this.name} has no container`);
    }
    return container;
  }

  /** Its mounts, but for the service account's, which has a way of its own. */
  get #mounts(): NonNullable<Container['volumeMounts']> {
    return (this.#container.volumeMounts ?? []).filter(({ mountPath }) => mountPath !== accountPath);
  }

  get #volumes(): readonly Volume[] {
    const mounted = new Set(this.#mounts.map(({ name }) => name));
    return (this.pod.spec.volumes ?? []).filter(({ name }) => mounted.has(name));
  }

  #folder(name: string): string {
    return join(this.#cluster.folder, 'pods', this.pod.metadata.uid, name);
  }

  /** Brings its volumes up to date; false while something that it needs is not there. */
  async fill(): Promise<boolean> {
    const { namespace } = this.pod.metadata;
    const filled = await Promise.all(
      this.#volumes.map((each) => fill(this.#cluster, namespace, each, this.#folder(each.name))),
    );
    return filled.every(Boolean);
  }

  /** Starts its process for the first time, once all that it needs is there. */
  async run(): Promise<void> {
    if (this.#process === null && (await this.fill())) {
      await this.start();
    }
  }

  /** Starts its container's process, with the arguments, environment and user that the pod says; or another in its place. */
  async start(instead?: readonly string[]): Promise<void> {
    const { metadata, spec } = this.pod;
    const user = spec.securityContext?.runAsUser ?? 0;
    const account = this.#folder('account');
    await fillAccount(this.#cluster, metadata, spec.serviceAccountName, user, account);
    const fields: Record<string, string> = {
      'metadata.name': this.name,
      'metadata.namespace': metadata.namespace,
      'metadata.uid': metadata.uid,
      'spec.nodeName': spec.nodeName ?? '',
      'status.podIP': this.ip,
    };
    const { args = [], env = [] } = this.#container;
    this.#process = startContainer({
      entering: entering(this.#host),
      command: [process.execPath, ...(instead ?? [this.#program, ...args])],
      env: {
        KUBERNETES_SERVICE_HOST: '10.96.0.1',
        KUBERNETES_SERVICE_PORT: '443',
        HOSTNAME: this.name,
        ...Object.fromEntries(
          env.map(({ name, value, valueFrom }) => [
            name,
            value ?? fields[valueFrom?.fieldRef?.fieldPath ?? ''] ?? '',
          ]),
        ),
      },
      user,
      mounts: {
        [accountPath]: account,
        ...Object.fromEntries(this.#mounts.map(({ name, mountPath }) => [mountPath, this.#folder(name)])),
      },
      scratch: this.#folder('scratch'),
      log: this.log,
    });
  }

  /** Stops its process without ending it, or lets it go on. */
  freeze(isFrozen: boolean): void {
    this.#process?.freeze(isFrozen);
  }

  /** Drops what is sent to it, silently, as a firewall does; or no more. */
  cut(isCut: boolean): void {
    const rules = isCut
      ? 'table ip cut-off { chain input { type filter hook input priority 0; policy drop; }; }'
      : 'delete table ip cut-off';
    const { status, stderr } = this.#host.run('nft', ['-f', '-'], rules);
    if (status !== 0) {
      throw new Error(`nft: ${stderr}`);
    }
  }

  /** Asks its readiness probe once, and tells the API server what changed by it. */
  async probe(): Promise<void> {
    const { readinessProbe } = this.#container;
    const isReady =
      this.isRunning && (readinessProbe === undefined || (await this.#answers(readinessProbe.httpGet)));
    if (isReady !== this.#isReady && !this.#isEnding) {
      await this.#tell(isReady);
      this.#isReady = isReady;
    }
  }

  #answers({ path, port }: Probe['httpGet']): Promise<boolean> {
    const number = this.#container.ports?.find(({ name }) => name === port)?.containerPort ?? port;
    const [program = '', ...words] = [...this.#network.entering, 'curl', '-sk', '-o', '/dev/null'];
    const ask = ['-f', '--max-time', '3', `https://${this.ip}:${number}${path}`];
    return new Promise((resolve) =>
      execFile(program, [...words, ...ask], (error) => resolve(error === null)),
    );
  }

  async #tell(isReady: boolean): Promise<void> {
    const { namespace } = this.pod.metadata;
    const { name, image } = this.#container;
    const status = isReady ? 'True' : 'False';
    const startedAt = new Date().toISOString();
    await this.#cluster.call('PATCH', `/api/v1/namespaces/${namespace}/pods/${this.name}/status`, {
      status: {
        phase: 'Running',
        podIP: this.ip,
        podIPs: [{ ip: this.ip }],
        conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
          type,
          status: /Ready/.test(type) ? status : 'True',
        })),
        containerStatuses: [
          { name, image, imageID: '', ready: isReady, restartCount: 0, state: { running: { startedAt } } },
        ],
      },
    });
  }

  /** As a kubelet ends a deleted pod: preStop, SIGTERM, wait, and only then is the object let go. */
  async end(): Promise<void> {
    this.#isEnding = true;
    const sleep = this.#container.lifecycle?.preStop?.sleep?.seconds ?? 0;
    await new Promise((resolve) => setTimeout(resolve, sleep * 1_000));
    this.#process?.signal('SIGTERM');
    await this.#process?.ended(startMs);
    this.#host.remove();
    const { namespace, uid } = this.pod.metadata;
    await this.#cluster.call('DELETE', `/api/v1/namespaces/${namespace}/pods/${this.name}`, {
      gracePeriodSeconds: 0,
      preconditions: { uid },
    });
  }

  /** Ends its process at once. */
  async kill(): Promise<void> {
    await this.#process?.stop();
  }

  /** Ends its process at once, and takes its network away. */
  async remove(): Promise<void> {
    await this.kill();
    this.#host.remove();
  }
}
