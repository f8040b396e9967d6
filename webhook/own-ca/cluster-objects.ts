import { Buffer } from 'node:buffer';
import type { ApiServer, KubeCall } from '../kube/api-server.ts';
import { messageOf } from '../kube/listed.ts';
import type { Contents } from './contents.ts';
import { authoritiesIn, dataOf, secretType, viewOf } from './secret.ts';
import type { OwnCaSettings } from './settings.ts';
import type { ConfigurationView, SecretView, View } from './view.ts';

interface Metadata {
  readonly name: string;
  readonly resourceVersion: string;
  readonly [field: string]: unknown;
}

interface SecretObject {
  readonly metadata: Metadata;
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

interface ConfigurationObject {
  readonly metadata: Metadata;
  readonly webhooks?: readonly {
    readonly name: string;
    readonly clientConfig: { readonly caBundle?: string };
  }[];
}

/** A webhook configuration, with what is needed to write to it. */
export interface FoundConfiguration extends ConfigurationView {
  readonly path: string;
  readonly resourceVersion: string;
}

/** What one look showed, with what is needed to write on top of it. */
export interface Look {
  readonly view: View<FoundConfiguration>;
  readonly secret: SecretObject | null;
}

const registration = '/apis/admissionregistration.k8s.io/v1';
const kinds = { MutatingWebhookConfiguration: 'mutating', ValidatingWebhookConfiguration: 'validating' };
const writer = 'fieldManager=realip-webhook';

/** The Secret and the two webhook configurations. Every write counts only if nobody wrote since the look. */
export class ClusterObjects {
  readonly #api: Pick<ApiServer, 'call'>;
  readonly #settings: OwnCaSettings;

  constructor(api: Pick<ApiServer, 'call'>, settings: OwnCaSettings) {
    this.#api = api;
    this.#settings = settings;
  }

  get #secrets(): string {
    return `/api/v1/namespaces/${this.#settings.namespace}/secrets`;
  }

  /** @throws Error when something can't be read */
  async look(): Promise<Look> {
    const configurations = await Promise.all(
      Object.entries(kinds).map(([kind, word]) => this.#configuration(kind, word)),
    );
    const { body, date } = await this.#get<SecretObject>(`${this.#secrets}/${this.#settings.secret}`);
    const secret = body;
    const view: View<FoundConfiguration> = {
      secret: this.#secretView(secret),
      configurations: configurations.flat(),
      now: date,
    };
    return { view, secret };
  }

  async #configuration(kind: string, word: string): Promise<FoundConfiguration[]> {
    const path = `${registration}/${word}webhookconfigurations/${this.#settings.webhook}`;
    const { body } = await this.#get<ConfigurationObject>(path);
    if (body === null) {
      return [];
    }
    const entries = (body.webhooks ?? []).map(({ name, clientConfig }) => {
      const bundle = decoded(clientConfig.caBundle ?? '');
      return { name, bundle, authorities: authoritiesIn(bundle) };
    });
    return [{ kind, entries, path, resourceVersion: body.metadata.resourceVersion }];
  }

  #secretView(secret: SecretObject | null): SecretView {
    if (secret === null) {
      return { kind: 'absent' };
    }
    if (secret.type !== secretType) {
      const { namespace, secret: name } = this.#settings;
      const reason = `the Secret ${namespace}/${name} is of type ${secret.type}, not ${secretType}: it belongs to somebody else`;
      return { kind: 'foreign', reason };
    }
    const data = Object.entries(secret.data ?? {}).map(([key, value]) => [key, decoded(value)]);
    return viewOf(Object.fromEntries(data));
  }

  /** Makes or replaces the Secret; reports whether nobody was faster. */
  async write(contents: Contents, { secret }: Look): Promise<boolean> {
    const { namespace, secret: name } = this.#settings;
    const data = Object.entries(dataOf(contents)).map(([key, value]) => [
      key,
      Buffer.from(value).toString('base64'),
    ]);
    const object = {
      apiVersion: 'v1',
      kind: 'Secret',
      type: secretType,
      metadata: secret?.metadata ?? { name, namespace, labels: { 'app.kubernetes.io/part-of': 'realip' } },
      data: Object.fromEntries(data),
    };
    return this.#write(
      secret === null
        ? { method: 'POST', path: `${this.#secrets}?${writer}`, body: object }
        : { method: 'PUT', path: `${this.#secrets}/${name}?${writer}`, body: object },
    );
  }

  /** Gives each entry of a configuration the bundle; reports whether nobody was faster. */
  async patch({ path, resourceVersion, entries }: FoundConfiguration, bundle: string): Promise<boolean> {
    const caBundle = Buffer.from(bundle).toString('base64');
    // Merged by the entries' names: what else stands in them stays as it is.
    const webhooks = entries.map(({ name }) => ({ name, clientConfig: { caBundle } }));
    const body = { metadata: { resourceVersion }, webhooks };
    return this.#write({ method: 'PATCH', path: `${path}?${writer}`, patch: 'strategic-merge', body });
  }

  /** Paths of the watches that tell of every change. */
  get watched(): readonly string[] {
    const { secret, webhook } = this.#settings;
    const only = (name: string) =>
      `?watch=true&allowWatchBookmarks=true&fieldSelector=metadata.name%3D${name}`;
    return [
      `${this.#secrets}${only(secret)}`,
      ...Object.values(kinds).map((word) => `${registration}/${word}webhookconfigurations${only(webhook)}`),
    ];
  }

  /** An object, null where there is none, and the API server's time. */
  async #get<Found>(path: string): Promise<{ body: Found | null; date: number }> {
    const { status, body, date } = await this.#api.call({ method: 'GET', path });
    if (status !== 200 && status !== 404) {
      throw new Error(`GET ${path}: ${status} ${messageOf(body)}`);
    }
    return { body: status === 404 ? null : (body as Found), date };
  }

  /** Reports false where somebody else wrote or deleted the object meanwhile. */
  async #write(call: KubeCall): Promise<boolean> {
    const { status, body } = await this.#api.call(call);
    if (status >= 300 && status !== 409 && !(status === 404 && call.method !== 'POST')) {
      throw new Error(`${call.method} ${call.path}: ${status} ${messageOf(body)}`);
    }
    return status < 300;
  }
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
