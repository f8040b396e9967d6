import { Gauge, type Registry } from 'prom-client';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { NamespaceLabels } from '../admission/reviewer.ts';
import type { Companion } from '../companion.ts';
import { isDnsLabel } from '../policy/label-syntax.ts';
import type { Texts } from '../policy/pod.ts';
import type { ApiServer, KubeAnswer } from './api-server.ts';
import { Listed, messageOf } from './listed.ts';

/** A changed label counts within 5 s: so long, less the time for an answer, the watch may be broken. */
const keptMs = 4_500;
/** The API server itself waits 2 s for the webhook's answer. */
const fetchMs = 1_000;

export interface NamespacesLog {
  warn(message: string, facts: object): void;
}

interface RawNamespace {
  readonly metadata?: { readonly labels?: Texts | null };
}

/**
 * The labels of all namespaces, kept by a watch. One that the watch has not brought yet is fetched. What is known
 * bridges a watch that breaks for some seconds, as when API servers start again; then all are fetched, so that a changed
 * label always counts. Needs get, list and watch on namespaces.
 */
export class KubeNamespaces implements NamespaceLabels, Companion {
  readonly #api: ApiServer;
  readonly #listed: Listed<Texts>;

  #trouble: string | null = null;

  constructor(api: ApiServer, log: NamespacesLog, registry: Registry) {
    this.#api = api;
    this.#listed = new Listed<Texts>({
      api,
      path: '/api/v1/namespaces',
      keep: labelsOf,
      changed: () => {},
      broken: (error) => {
        this.#trouble = error;
        log.warn('the watch on namespaces broke; it is begun again', { error });
      },
    });
    const isKnown = () => this.#isKnown;
    new Gauge({
      name: 'realip_webhook_namespaces_synced',
      help: 'Whether the labels of all namespaces are known (1), or each is fetched (0).',
      registers: [registry],
      collect() {
        this.set(isKnown() ? 1 : 0);
      },
    });
  }

  get #isKnown(): boolean {
    return this.#listed.isWhole && this.#listed.deafMs <= keptMs;
  }

  start(): void {
    void this.#listed.run();
  }

  stop(): void {
    this.#listed.stop();
  }

  /** Only until the first list: an outage that comes later must not take every replica away. */
  notReady(): string | null {
    if (this.#listed.isWhole) {
      return null;
    }
    const why = this.#trouble === null ? '' : `: ${this.#trouble}`;
    return `the namespaces have not been listed yet${why}`;
  }

  async of(namespace: string): Promise<Texts> {
    const known = this.#listed.deafMs <= keptMs ? this.#listed.all.get(namespace) : undefined;
    return known ?? this.#fetch(namespace);
  }

  async #fetch(name: string): Promise<Texts> {
    if (!isDnsLabel(name)) {
      // No namespace is called so, and as a path "" and ".." are another resource.
      return {};
    }
    const { status, body } = await this.#read(name);
    if (status === 404) {
      return {};
    }
    if (status !== 200) {
      throw unreadable(name, `${status} ${messageOf(body)}`);
    }
    return labelsOf(body as RawNamespace);
  }

  async #read(name: string): Promise<KubeAnswer> {
    try {
      const path = `/api/v1/namespaces/${name}`;
      return await this.#api.call({ method: 'GET', path, patienceMs: fetchMs });
    } catch (error) {
      throw unreadable(name, reasonOf(error), error);
    }
  }
}

function labelsOf({ metadata }: RawNamespace): Texts {
  return metadata?.labels ?? {};
}

function unreadable(name: string, reason: string, cause?: unknown): Problem {
  return new Problem('NAMESPACE_UNREADABLE', `namespace "${name}" could not be read: ${reason}`, {}, cause);
}
