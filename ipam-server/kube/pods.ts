import type { V1Namespace, V1ObjectMeta, V1Pod, V1ReplicaSet } from '@kubernetes/client-node';
import type { ApiServer } from './api-server.ts';
import { Kept } from './kept.ts';

type Texts = Readonly<Record<string, string>>;

/** A workload, as reservations name it beside its namespace. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** What of a pod matters here. */
export interface FoundPod {
  readonly uid: string;
  /** Of a static pod: the uid that its kubelet and runtime know it by. */
  readonly staticUid?: string;
  readonly node?: string;
  readonly labels: Texts;
  /** Those with the prefix `realip.io/`. */
  readonly annotations: Texts;
  readonly controller?: Owner;
}

/** A namespace’s changed labels count after so long; what is older is used while the API server is away. */
const freshMs = 5_000;
const staleMs = 600_000;

const prefix = 'realip.io/';
const objectName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const staticKey = 'kubernetes.io/config.hash';

/** Pods with their namespaces and workloads, as the API server has them. Needs get on pods, namespaces and ReplicaSets. */
export class Pods {
  readonly #api: Pick<ApiServer, 'get'>;
  readonly #pods: Kept<FoundPod | null>;
  readonly #namespaces: Kept<Texts>;
  readonly #replicaSets: Kept<Owner | null>;

  constructor(api: Pick<ApiServer, 'get'>, now: () => number = Date.now) {
    this.#api = api;
    // A pod is asked for each time: it may have gone, and come on another node, a moment ago.
    const ofPod = (pod: FoundPod | null) => (pod === null ? null : 0);
    this.#pods = new Kept({ freshMs: ofPod, staleMs, limit: 10_000 }, now);
    this.#namespaces = new Kept({ freshMs: () => freshMs, staleMs, limit: 10_000 }, now);
    // A ReplicaSet keeps its owner.
    this.#replicaSets = new Kept(
      { freshMs: (owner) => (owner === null ? null : staleMs), staleMs, limit: 10_000 },
      now,
    );
  }

  /**
   * The pod of a name, null where there is none.
   *
   * @param isRight says whether one that was found before may stand for it while the API server is away
   * @throws Problem KUBE_UNAVAILABLE, OVERLOADED
   */
  find(namespace: string, name: string, isRight: (pod: FoundPod) => boolean): Promise<FoundPod | null> {
    // Requests may name what no pod is called; as a part of a path it would lead elsewhere.
    if (!objectName.test(namespace) || !objectName.test(name)) {
      return Promise.resolve(null);
    }
    return this.#pods.get(
      `${namespace}/${name}`,
      async () => {
        const pod = await this.#api.get<V1Pod>(`/api/v1/namespaces/${namespace}/pods/${name}`);
        return pod && podOf(pod);
      },
      (pod) => pod !== null && isRight(pod),
    );
  }

  /** The labels of a pod's namespace; @throws Problem KUBE_UNAVAILABLE, OVERLOADED */
  namespaceLabels(namespace: string): Promise<Texts> {
    return this.#namespaces.get(namespace, async () => {
      const found = await this.#api.get<V1Namespace>(`/api/v1/namespaces/${namespace}`);
      return found?.metadata?.labels ?? {};
    });
  }

  /** The workload that people know: of a ReplicaSet its Deployment; @throws Problem KUBE_UNAVAILABLE, OVERLOADED */
  async ownerOf(namespace: string, { controller }: FoundPod): Promise<Owner | undefined> {
    if (controller?.kind !== 'ReplicaSet') {
      return controller;
    }
    const owner = await this.#replicaSets.get(controller.uid, async () => {
      const at = `/apis/apps/v1/namespaces/${namespace}/replicasets/${controller.name}`;
      const found = await this.#api.get<V1ReplicaSet>(at);
      return controllerOf(found?.metadata) ?? null;
    });
    return owner ?? controller;
  }
}

function podOf({ metadata, spec }: V1Pod): FoundPod {
  const { uid = '', labels = {}, annotations = {} } = metadata ?? {};
  const controller = controllerOf(metadata);
  const staticUid = annotations[staticKey];
  return {
    uid,
    labels,
    annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => key.startsWith(prefix))),
    ...(staticUid === undefined ? {} : { staticUid }),
    ...(spec?.nodeName ? { node: spec.nodeName } : {}),
    ...(controller === undefined ? {} : { controller }),
  };
}

function controllerOf(metadata: V1ObjectMeta | undefined): Owner | undefined {
  const found = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return found && { kind: found.kind, name: found.name, uid: found.uid };
}
