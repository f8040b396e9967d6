import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { call } from '../webhook/call.ts';
import { Folder, WebhookProcess } from '../webhook/webhook-process.ts';
import type { Cluster } from './cluster.ts';
import { freePorts } from './daemon.ts';
import { makeNamespace, tokenOf } from './objects.ts';

const manifests = join(import.meta.dirname, '../../manifests');
const audience = 'https://kubernetes.default.svc.cluster.local';

// biome-ignore lint/suspicious/noExplicitAny: manifests are looked into as they are.
type Manifest = any;

function manifest(name: string): Manifest[] {
  return parseAllDocuments(readFileSync(join(manifests, name), 'utf8')).map((document) => document.toJS());
}

/** The webhook beside a cluster, with its manifests' configuration and rights: called by the API server itself. */
export class WebhookSite {
  readonly cluster: Cluster;
  readonly folder: Folder;
  readonly #port: number;
  readonly #running: WebhookProcess[] = [];
  /** What a pod finds of its cluster. */
  #environment: NodeJS.ProcessEnv = {};

  private constructor(cluster: Cluster, policy: string, port: number) {
    this.cluster = cluster;
    this.folder = new Folder(policy);
    this.#port = port;
  }

  /** Nothing runs yet: to the API server the webhook is away. */
  static async open(cluster: Cluster, policy: string): Promise<WebhookSite> {
    const [port = 0] = await freePorts(1);
    const site = new WebhookSite(cluster, policy, port);
    await makeNamespace(cluster, 'realip-system');
    const rights = [
      'base/webhook/service-account.yaml',
      'components/repair/rights.yaml',
      'components/repair/dry-runs-only.yaml',
    ].flatMap(manifest);
    const own = rights.map((object) =>
      object.kind === 'ServiceAccount'
        ? { ...object, metadata: { ...object.metadata, namespace: 'realip-system' } }
        : object,
    );
    await cluster.apply(...own, ...site.#configuration());
    const token = await tokenOf(cluster, 'realip-system', 'realip-webhook', { audience, seconds: 7200 });
    site.#environment = asInPod(cluster, token);
    return site;
  }

  #configuration(): Manifest[] {
    const caBundle = this.folder.read('tls.crt').toString('base64');
    return manifest('base/webhook/configuration.yaml').map((object) => ({
      ...object,
      webhooks: object.webhooks.map((webhook: Manifest) => {
        const { path } = webhook.clientConfig.service;
        return { ...webhook, clientConfig: { url: `https://127.0.0.1:${this.#port}${path}`, caBundle } };
      }),
    }));
  }

  /** The webhook that the API server calls. */
  start(...more: readonly string[]): Promise<WebhookProcess> {
    return this.#start(['--listen', `127.0.0.1:${this.#port}`, ...more]);
  }

  /** One more process, at a port that nobody calls. */
  startAside(...more: readonly string[]): Promise<WebhookProcess> {
    return this.#start(more);
  }

  async #start(more: readonly string[]): Promise<WebhookProcess> {
    const webhook = new WebhookProcess(this.folder, ['--kube', ...more], this.#environment);
    this.#running.push(webhook);
    await webhook.port();
    return webhook;
  }

  async close(): Promise<void> {
    for (const webhook of this.#running) {
      await webhook.stop();
    }
    this.folder.remove();
  }
}

/** The variables of a pod's process, and the folder of its service account. */
function asInPod(cluster: Cluster, token: string): NodeJS.ProcessEnv {
  const folder = join(cluster.folder, 'webhook-account');
  mkdirSync(folder);
  copyFileSync(join(cluster.folder, 'ca.crt'), join(folder, 'ca.crt'));
  writeFileSync(join(folder, 'token'), token);
  const { hostname, port } = new URL(cluster.url);
  return {
    KUBECONFIG: '',
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    REALIP_KUBE_FOLDER: folder,
  };
}

/** A metric's value by its name and labels as they are printed; undefined where it is not there. */
export async function metricOf(webhook: WebhookProcess, name: string): Promise<number | undefined> {
  const { text } = await call({ port: await webhook.port(), method: 'GET', path: '/metrics' });
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length));
}
