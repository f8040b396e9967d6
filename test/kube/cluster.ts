import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { etcd, kubernetes } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { until } from '../server/until.ts';
import { Admin } from './admin.ts';
import { type Client, makeCertificates } from './certificates.ts';
import { ClusterNetwork } from './cluster-network.ts';
import {
  apiServerFlags,
  controllerManagerFlags,
  etcdFlags,
  type Place,
  proxyFlags,
  schedulerFlags,
} from './control-plane.ts';
import { Daemon, freePorts } from './daemon.ts';

/** How long a cluster may take to be up: two seconds on a quiet machine, many more on a busy one. */
export const startMs = 120_000;
/** The same with its programs still to be built: ten minutes on a quiet machine. */
export const firstStartMs = 3_600_000;

/** What runs beside the API server. Without controllers, objects are what tests make, and pods stay as they are. */
export interface ClusterOptions {
  /** The real scheduler: pods are bound to the nodes that the test makes. */
  readonly scheduler?: boolean;
  /** The real controllers, but the one that judges nodes by their kubelets. */
  readonly controllerManager?: boolean;
  /**
   * A network namespace of its own in place of the machine's loopback, with the real kube-proxy: there a Service's
   * address leads to its ready pods, whose addresses tests put on an interface.
   */
  readonly services?: boolean;
}

/** Kubernetes' own programs on an etcd of their own: API server, and scheduler, controllers and Services at wish. */
export class Cluster extends Admin {
  readonly hasControllers: boolean;
  /** Where it runs, if not on the machine's loopback. */
  readonly network: ClusterNetwork | null;
  readonly #programs: string;
  readonly #place: Place;
  readonly #etcd: Daemon;
  #apiServer: Daemon;
  readonly #others: Daemon[] = [];

  private constructor(
    place: Place,
    network: ClusterNetwork | null,
    { controllerManager = false }: ClusterOptions,
  ) {
    const programs = goPart(kubernetes);
    super({
      folder: place.folder,
      url: `https://127.0.0.1:${place.apiPort}`,
      ...(network === null ? {} : { socket: network.socket }),
      entering: network?.entering ?? [],
      kubectl: join(programs, 'kubectl'),
    });
    this.hasControllers = controllerManager;
    this.#place = place;
    this.#programs = programs;
    this.network = network;
    this.#etcd = this.#launch(join(goPart(etcd), 'etcd'), etcdFlags(place));
    this.#apiServer = this.#program('kube-apiserver', apiServerFlags(place));
  }

  /** Starts it and waits until it is ready; @throws Error with the place of its log */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'realip-kube-'));
    const runs: Client[] = [
      ...(options.scheduler ? (['scheduler'] as const) : []),
      ...(options.controllerManager ? (['controller-manager'] as const) : []),
      ...(options.services ? (['proxy'] as const) : []),
    ];
    makeCertificates(folder, ['admin', ...runs]);
    const [storePort = 0, peerPort = 0, apiPort = 0] = await freePorts(3);
    const network = options.services ? new ClusterNetwork(folder, apiPort) : null;
    const address = network?.address ?? null;
    const cluster = new Cluster({ folder, storePort, peerPort, apiPort, address }, network, options);
    await cluster.ready();
    if (network !== null) {
      await cluster.#makeOwnNode(network.address);
      const flags = proxyFlags(cluster.certified('proxy'), network.address);
      cluster.#others.push(cluster.#program('kube-proxy', flags));
    }
    if (options.controllerManager) {
      const flags = controllerManagerFlags(cluster.#place, cluster.certified('controller-manager'));
      cluster.#others.push(cluster.#program('kube-controller-manager', flags));
    }
    if (options.scheduler) {
      const flags = schedulerFlags(cluster.certified('scheduler'));
      cluster.#others.push(cluster.#program('kube-scheduler', flags));
    }
    return cluster;
  }

  /** The node that kube-proxy takes itself to be on; no pod is to come there. */
  async #makeOwnNode(address: string): Promise<void> {
    const role = 'node-role.kubernetes.io/control-plane';
    const metadata = { name: 'control-plane', labels: { [role]: '', 'kubernetes.io/os': 'linux' } };
    await this.must('POST', '/api/v1/nodes', { metadata });
    const path = '/api/v1/nodes/control-plane';
    await this.must('PATCH', path, { spec: { taints: [{ key: role, effect: 'NoSchedule' }] } });
    const room = { cpu: '1000', memory: '4Ti', pods: '10000' };
    const addresses = [{ type: 'InternalIP', address }];
    await this.must('PATCH', `${path}/status`, { status: { addresses, capacity: room, allocatable: room } });
  }

  #program(name: string, flags: readonly string[]): Daemon {
    return this.#launch(join(this.#programs, name), flags);
  }

  #launch(program: string, flags: readonly string[]): Daemon {
    const command = [...(this.network?.entering ?? []), program, ...flags];
    return new Daemon(command, join(this.folder, `${basename(program)}.log`));
  }

  /** Waits until the API server answers and its own roles are made. */
  ready(): Promise<void> {
    return until(
      `the API server is ready (${this.#apiServer.log})`,
      async () => {
        if (!this.#apiServer.isRunning) {
          throw new Error(`kube-apiserver ended: ${readFileSync(this.#apiServer.log, 'utf8').slice(-2000)}`);
        }
        return this.call('GET', '/readyz').then(
          ({ status }) => status === 200,
          () => false,
        );
      },
      startMs,
    );
  }

  /** Takes the API server away, as a crash does. */
  stopApiServer(): Promise<void> {
    return this.#apiServer.stop();
  }

  /** Stops it without ending it: calls get no answer. */
  freezeApiServer(isFrozen: boolean): void {
    this.#apiServer.freeze(isFrozen);
  }

  async startApiServer(): Promise<void> {
    this.#apiServer = this.#program('kube-apiserver', apiServerFlags(this.#place));
    await this.ready();
  }

  async stop(): Promise<void> {
    this.close();
    await Promise.all([...this.#others, this.#apiServer].map((each) => each.stop()));
    await this.#etcd.stop();
    await this.network?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
