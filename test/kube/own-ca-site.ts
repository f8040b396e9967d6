import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { Folder, WebhookProcess } from '../webhook/webhook-process.ts';
import type { Cluster } from './cluster.ts';
import { freePorts } from './daemon.ts';
import { makeNamespace, tokenOf } from './objects.ts';
import { ServiceStandIn } from './service-stand-in.ts';

const manifests = join(import.meta.dirname, '../../manifests/base/webhook');
const audience = 'https://kubernetes.default.svc.cluster.local';
const configurations = '/apis/admissionregistration.k8s.io/v1';

// biome-ignore lint/suspicious/noExplicitAny: manifests are looked into as they are.
type Manifest = any;

function manifest(name: string): Manifest[] {
  return parseAllDocuments(readFileSync(join(manifests, name), 'utf8')).map((document) => document.toJS());
}

/** One replica. */
export interface Replica {
  readonly process: WebhookProcess;
  readonly port: number;
}

/**
 * Webhooks that look after their certificates themselves beside a cluster, with the rights of the manifests and no
 * others. The API server calls them by URL, through what stands in for the Service.
 */
export class OwnCaSite {
  readonly cluster: Cluster;
  readonly service = new ServiceStandIn();
  readonly #folder: Folder;
  readonly #replicas: Replica[] = [];
  #port = 0;
  #kubeconfig = '';

  private constructor(cluster: Cluster, policy: string) {
    this.cluster = cluster;
    this.#folder = new Folder(policy);
  }

  /** Namespace and rights are there, the configurations not yet. */
  static async open(cluster: Cluster, policy: string): Promise<OwnCaSite> {
    const site = new OwnCaSite(cluster, policy);
    site.#port = await site.service.listen();
    await makeNamespace(cluster, 'realip-system');
    const rights = [...manifest('service-account.yaml'), ...manifest('own-ca-rights.yaml')];
    await cluster.apply(
      ...rights.map((each) =>
        each.kind === 'ServiceAccount'
          ? { ...each, metadata: { ...each.metadata, namespace: 'realip-system' } }
          : each,
      ),
    );
    const token = await tokenOf(cluster, 'realip-system', 'realip-webhook', { audience, seconds: 7200 });
    site.#kubeconfig = cluster.kubeconfig('webhook', token);
    return site;
  }

  /** `kubectl apply` of the manifests' configurations: they have no caBundle. */
  async applyConfigurations(): Promise<void> {
    await this.cluster.apply(
      ...manifest('configuration.yaml').map((object) => ({
        ...object,
        webhooks: object.webhooks.map((webhook: Manifest) => {
          const { path } = webhook.clientConfig.service;
          const clientConfig = { url: `https://127.0.0.1:${this.#port}${path}` };
          // A slow machine shall not look like a lost review.
          return { ...webhook, clientConfig, timeoutSeconds: 30 };
        }),
      })),
    );
  }

  /** A replica; it is not waited until it is ready. */
  async start(...more: readonly string[]): Promise<Replica> {
    const [port = 0] = await freePorts(1);
    const flags = ['--own-ca', '--namespace', 'realip-system', '--own-ca-san', '127.0.0.1'];
    const process = new WebhookProcess(
      this.#folder,
      ['--listen', `127.0.0.1:${port}`, '--kube', ...flags, ...more],
      { KUBECONFIG: this.#kubeconfig },
    );
    const replica = { process, port };
    this.#replicas.push(replica);
    this.service.add(port);
    return replica;
  }

  /** Ends a replica as a kubelet does: no more connections, then SIGTERM; its exit status. */
  async stop({ process, port }: Replica): Promise<number | null> {
    this.service.remove(port);
    process.signal('SIGTERM');
    return process.exit();
  }

  /** Each entry's caBundle, as text. */
  async bundles(): Promise<string[]> {
    const found: Manifest[] = [];
    for (const kind of ['mutating', 'validating']) {
      const path = `${configurations}/${kind}webhookconfigurations/realip-webhook`;
      found.push(...(await this.cluster.must('GET', path)).webhooks);
    }
    return found.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString());
  }

  /** The Secret's data as text; null where there is none. */
  async secret(name = 'realip-webhook-ca'): Promise<Record<string, string> | null> {
    const { status, body } = await this.cluster.call('GET', `${secretPath}/${name}`);
    const entries = Object.entries<string>(body.data ?? {});
    const texts = entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
    return status === 404 ? null : Object.fromEntries(texts);
  }

  async close(): Promise<void> {
    for (const { process } of this.#replicas) {
      await process.stop();
    }
    this.service.close();
    this.#folder.remove();
  }
}

export const secretPath = '/api/v1/namespaces/realip-system/secrets';

/** The certificates in a text of PEM, by their SHA-256. */
export function certificatesIn(text: string): string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block).fingerprint256);
}
