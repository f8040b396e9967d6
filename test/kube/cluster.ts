import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { etcd, kubeApiServer } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { until } from '../server/until.ts';
import { makeCertificates } from './certificates.ts';
import { Daemon, freePorts } from './daemon.ts';

/** How long a cluster may take to be up: two seconds on a quiet machine, many more on a busy one. */
export const startMs = 120_000;

// biome-ignore lint/suspicious/noExplicitAny: a test asserts on any member; the assertion is the check.
type Body = any;

/** Kubernetes' API server on an etcd of its own, on loopback, without controllers: objects are what tests make. */
export class Cluster {
  readonly folder: string;
  readonly url: string;
  readonly #agent: Agent;
  readonly #etcd: Daemon;
  #apiServer: Daemon;
  readonly #launch: () => Daemon;

  private constructor(folder: string, url: string, etcdDaemon: Daemon, launch: () => Daemon) {
    this.folder = folder;
    this.url = url;
    this.#etcd = etcdDaemon;
    this.#launch = launch;
    this.#apiServer = launch();
    const pem = (name: string) => readFileSync(join(folder, name));
    this.#agent = new Agent({
      keepAlive: true,
      ca: pem('ca.crt'),
      cert: pem('admin.crt'),
      key: pem('admin.key'),
    });
  }

  /** Starts it and waits until it is ready; @throws Error with the place of its log */
  static async start(): Promise<Cluster> {
    const programs = { etcd: join(goPart(etcd), 'etcd'), api: join(goPart(kubeApiServer), 'kube-apiserver') };
    const folder = mkdtempSync(join(tmpdir(), 'realip-kube-'));
    makeCertificates(folder);
    const [clientPort = 0, peerPort = 0, securePort = 0] = await freePorts(3);
    const store = `http://127.0.0.1:${clientPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    const etcdDaemon = new Daemon(
      programs.etcd,
      [
        ...['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--log-level', 'warn'],
        ...['--listen-client-urls', store, '--advertise-client-urls', store],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ...['--initial-cluster', `default=${peer}`],
      ],
      join(folder, 'etcd.log'),
    );
    const file = (name: string) => join(folder, name);
    const launch = () =>
      new Daemon(
        programs.api,
        [
          ...['--etcd-servers', store, '--bind-address', '127.0.0.1', '--secure-port', `${securePort}`],
          ...['--advertise-address', '127.0.0.1', '--endpoint-reconciler-type', 'none'],
          ...['--authorization-mode', 'Node,RBAC', '--enable-admission-plugins', 'NodeRestriction'],
          ...['--client-ca-file', file('ca.crt'), '--cert-dir', folder],
          ...['--tls-cert-file', file('apiserver.crt'), '--tls-private-key-file', file('apiserver.key')],
          ...['--service-account-issuer', 'https://kubernetes.default.svc.cluster.local'],
          ...['--service-account-key-file', file('sa.pub')],
          ...['--service-account-signing-key-file', file('sa.key')],
          ...['--service-cluster-ip-range', '10.96.0.0/16'],
        ],
        file('kube-apiserver.log'),
      );
    const cluster = new Cluster(folder, `https://127.0.0.1:${securePort}`, etcdDaemon, launch);
    await cluster.ready();
    return cluster;
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
    return new Promise((resolve, reject) => {
      const call = request(
        `${this.url}${path}`,
        { method, agent: this.#agent, headers: payload === undefined ? {} : { 'content-type': type } },
        async (message) => {
          let text = '';
          for await (const part of message.setEncoding('utf8')) {
            text += part;
          }
          const isJson = /json/.test(message.headers['content-type'] ?? '');
          resolve({ status: message.statusCode ?? 0, body: isJson ? JSON.parse(text) : text });
        },
      );
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

  /** A kubeconfig for a bearer token; its path. */
  kubeconfig(name: string, token: string): string {
    const path = join(this.folder, `${name}.kubeconfig`);
    const cluster = { server: this.url, 'certificate-authority': join(this.folder, 'ca.crt') };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster }],
      users: [{ name, user: { token } }],
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
    this.#apiServer.signal(isFrozen ? 'SIGSTOP' : 'SIGCONT');
  }

  async startApiServer(): Promise<void> {
    this.#apiServer = this.#launch();
    await this.ready();
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await this.#apiServer.stop();
    await this.#etcd.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
