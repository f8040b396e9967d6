import { setTimeout as after, setImmediate as breathe } from 'node:timers/promises';
import { reasonOf } from '../../core/problem/problem.ts';
import type { NamespaceLabels } from '../admission/reviewer.ts';
import type { ApiServer } from '../kube/api-server.ts';
import { Listed } from '../kube/listed.ts';
import { namespaceCounts } from '../policy/decide.ts';
import type { Texts } from '../policy/pod.ts';
import type { Policy } from '../policy/policy.ts';
import { type Finding, findingOf } from './standing.ts';
import { type StoredNode, storedNode } from './stored-node.ts';
import { type StoredPod, storedPod } from './stored-pod.ts';

/** How soon a change is looked at; what comes meanwhile is looked at together. */
const lookMs = 250;
/** Every pod is looked at again after so long: labels of namespaces change without a word. */
const wholeMs = 30_000;
/** So many pods are looked at before reviews that wait get their turn. */
const stride = 50;

/** A misplaced pod. */
export interface Misplaced {
  readonly stored: StoredPod;
  readonly finding: Finding;
  /** By which it was found. */
  readonly policy: Policy;
}

export interface CensusParts {
  readonly api: Pick<ApiServer, 'call' | 'watch'>;
  readonly policy: () => Policy;
  readonly namespaces: NamespaceLabels;
  /** A pod was found misplaced, or otherwise than before; or it is no more (undefined). */
  readonly found: (key: string, misplaced: Misplaced | undefined) => void;
  readonly troubled: (what: string, reason: string) => void;
}

/** All pods and nodes, and which pods stand where the policy would not have them. */
export class Census {
  readonly #parts: CensusParts;
  readonly #pods: Listed<StoredPod>;
  readonly #nodes: Listed<StoredNode>;
  readonly #misplaced = new Map<string, Misplaced>();
  readonly #changed = new Set<string>();
  readonly #end = new AbortController();
  #policy: Policy | null = null;
  #wholeAt = 0;

  constructor(parts: CensusParts) {
    this.#parts = parts;
    const { api, troubled } = parts;
    this.#pods = new Listed<StoredPod>({
      api,
      path: '/api/v1/pods',
      keep: storedPod,
      changed: (key) => this.#changed.add(key),
      broken: (reason) => troubled('pods', reason),
    });
    this.#nodes = new Listed<StoredNode>({
      api,
      path: '/api/v1/nodes',
      keep: storedNode,
      changed: (_, before, now) => {
        if (JSON.stringify(before?.labels) !== JSON.stringify(now?.labels)) {
          this.#wholeAt = 0;
        }
      },
      broken: (reason) => troubled('nodes', reason),
    });
  }

  get pods(): ReadonlyMap<string, StoredPod> {
    return this.#pods.all;
  }

  get nodes(): ReadonlyMap<string, StoredNode> {
    return this.#nodes.all;
  }

  get misplaced(): ReadonlyMap<string, Misplaced> {
    return this.#misplaced;
  }

  /** The policy that every finding of now goes by; null before the first look. */
  get policy(): Policy | null {
    return this.#policy;
  }

  /** Reads, watches and looks until `stop`. */
  async run(): Promise<void> {
    const { signal } = this.#end;
    const reading = Promise.all([this.#nodes.run(), this.#pods.run()]);
    while (!signal.aborted) {
      if (this.#pods.isWhole && this.#nodes.isWhole) {
        await this.#look();
      }
      await after(lookMs, undefined, { signal }).catch(() => {});
    }
    await reading;
  }

  stop(): void {
    this.#end.abort();
    this.#pods.stop();
    this.#nodes.stop();
  }

  async #look(): Promise<void> {
    const policy = this.#parts.policy();
    const now = Date.now();
    const isWhole = policy !== this.#policy || now - this.#wholeAt >= wholeMs;
    const keys = isWhole ? new Set([...this.#pods.all.keys(), ...this.#misplaced.keys()]) : this.#changed;
    const due = [...keys];
    this.#changed.clear();
    if (isWhole) {
      this.#wholeAt = now;
    }
    const labels = new Map<string, Promise<Texts | null>>();
    for (const [index, key] of due.entries()) {
      if (index % stride === stride - 1) {
        await breathe();
      }
      if (this.#end.signal.aborted) {
        return;
      }
      await this.#lookAt(key, policy, labels);
    }
    this.#policy = policy;
  }

  async #lookAt(key: string, policy: Policy, labels: Map<string, Promise<Texts | null>>): Promise<void> {
    const stored = this.#pods.all.get(key);
    if (stored === undefined) {
      this.#note(key, undefined);
      return;
    }
    const { namespace, pod, node } = stored;
    let namespaceLabels: Texts | null = null;
    if (namespaceCounts(pod, namespace)) {
      const known = labels.get(namespace) ?? this.#parts.namespaces.of(namespace);
      labels.set(namespace, known);
      try {
        namespaceLabels = await known;
      } catch (error) {
        // What was found before stands until the labels can be read again.
        this.#changed.add(key);
        this.#parts.troubled('namespaces', reasonOf(error));
        return;
      }
    }
    const on = node === null ? null : (this.#nodes.all.get(node) ?? null);
    const finding = findingOf(stored, { policy, namespaceLabels, node: on });
    this.#note(key, finding === null ? undefined : { stored, finding, policy });
  }

  #note(key: string, misplaced: Misplaced | undefined): void {
    if (misplaced === undefined) {
      if (!this.#misplaced.delete(key)) {
        return;
      }
    } else {
      this.#misplaced.set(key, misplaced);
    }
    this.#parts.found(key, misplaced);
  }
}
