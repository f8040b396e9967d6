import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Outcome } from '../kernel/host.ts';
import { etcd, kubernetes } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { until } from '../server/until.ts';
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

// biome-ignore lint/suspicious/noExplicitAny: a test asserts on any member; the assertion is the check.
type Body = any;

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
export class Cluster {
  readonly folder: string;
  readonly url: string;
  readonly hasControllers: boolean;
  /** Where it runs, if not on the machine's loopback. */
  readonly network: ClusterNetwork | null;
  readonly #agent: Agent;
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
    this.folder = place.folder;
    this.url = `https://127.0.0.1:${place.apiPort}`;
    this.hasControllers = controllerManager;
    this.#place = place;
    this.#programs = goPart(kubernetes);
    this.network = network;
    this.#etcd = this.#launch(join(goPart(etcd), 'etcd'), etcdFlags(place));
    this.#apiServer = this.#program('kube-apiserver', apiServerFlags(place));
    const pem = (name: string) => readFileSync(join(this.folder, name));
    this.#agent = new Agent({
      keepAlive: true,
      ...(network === null ? {} : { socketPath: network.socket }),
      ca: pem('ca.crt'),
      cert: pem('admin.crt'),
      key: pem('admin.key'),
    });
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
    cluster.#certified('admin');
    await cluster.ready();
    if (network !== null) {
      await cluster.#makeOwnNode(network.address);
      const flags = proxyFlags(cluster.#certified('proxy'), network.address);
      cluster.#others.push(cluster.#program('kube-proxy', flags));
    }
    if (options.controllerManager) {
      const flags = controllerManagerFlags(cluster.#place, cluster.#certified('controller-manager'));
      cluster.#others.push(cluster.#program('kube-controller-manager', flags));
    }
    if (options.scheduler) {
      const flags = schedulerFlags(cluster.#certified('scheduler'));
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

  /** A call as the cluster's admin. */
  call(method: string, path: string, json?: unknown): Promise<{ status: number; body: Body }> {
    const payload = json === undefined ? undefined : JSON.stringify(json);
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    // Node gives a DELETE's body no length by itself.
    const headers =
      payload === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(payload) };
    return new Promise((resolve, reject) => {
      const call = request(`${this.url}${path}`, { method, agent: this.#agent, headers }, async (message) => {
        let text = '';
        for await (const part of message.setEncoding('utf8')) {
          text += part;
        }
        const isJson = /json/.test(message.headers['content-type'] ?? '');
        resolve({ status: message.statusCode ?? 0, body: isJson ? JSON.parse(text) : text });
      });
      call.on('error', reject);
      call.end(payload);
    });
  }

  /** A call that must succeed; its answer's body. */
  async must(method: string, path: string, json?: unknown): Promise<Body> {
    const { status, body } = await this.call(method, path, json);
    if (status >= 300) {
      throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    }
    return body;
  }

  /** kubectl as the cluster's admin, with `input` as its standard input. */
  kubectl(args: readonly string[], input = ''): Promise<Outcome> {
    const admin = ['--kubeconfig', join(this.folder, 'admin.kubeconfig'), '--cache-dir', this.folder];
    return new Promise((resolve) => {
      const [program = '', ...words] = [
        ...(this.network?.entering ?? []),
        join(this.#programs, 'kubectl'),
        ...admin,
        ...args,
      ];
      const child = execFile(program, words, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
      );
      child.stdin?.end(input);
    });
  }

  /** `kubectl apply` of objects; @throws Error with what kubectl said */
  async apply(...objects: readonly object[]): Promise<void> {
    const items = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const { status, stderr } = await this.kubectl(['apply', '-f', '-'], items);
    if (status !== 0) {
      throw new Error(`kubectl apply: ${stderr}`);
    }
  }

  /** A kubeconfig for a bearer token; its path. */
  kubeconfig(name: string, token: string): string {
    return this.#kubeconfigOf(name, { token });
  }

  /** A kubeconfig for a client's certificate; its path. */
  #certified(name: Client): string {
    const file = (ending: string) => join(this.folder, `${name}.${ending}`);
    return this.#kubeconfigOf(name, { 'client-certificate': file('crt'), 'client-key': file('key') });
  }

  #kubeconfigOf(name: string, user: object): string {
    const path = join(this.folder, `${name}.kubeconfig`);
    const cluster = { server: this.url, 'certificate-authority': join(this.folder, 'ca.crt') };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster }],
      users: [{ name, user }],
      contexts: [{ name, context: { cluster: 'test', user: name } }],
      'current-context': name,
    };
    writeFileSync(path, JSON.stringify(config));
    return path;
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
    this.#agent.destroy();
    await Promise.all([...this.#others, this.#apiServer].map((each) => each.stop()));
    await this.#etcd.stop();
    await this.network?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
