import { type Pod, type Texts, textAt } from './pod.ts';

/** A pod on its way into a namespace; `namespaceLabels` is null where nobody knows them, or need know them. */
export interface Arrival {
  readonly pod: Pod;
  readonly namespace: string;
  readonly namespaceLabels: Texts | null;
}

/** What the conditions of rules look at. */
export interface Traits {
  readonly namespace: string;
  readonly namespaceLabels: Texts | null;
  readonly labels: Texts;
  readonly ownerKinds: readonly string[];
  /** `namespace/name`. */
  readonly serviceAccount: string;
}

/** The kind of a pod that no controller owns. */
export const bareKind = 'none';

export function traitsOf({ pod, namespace, namespaceLabels }: Arrival): Traits {
  const name = pod.spec.serviceAccountName || pod.spec.serviceAccount || 'default';
  return {
    namespace,
    namespaceLabels,
    labels: pod.metadata?.labels ?? {},
    ownerKinds: ownerKinds(pod),
    serviceAccount: `${namespace}/${name}`,
  };
}

/**
 * The kind of the pod's controller; a Deployment's pods belong to a ReplicaSet and are known by the label that
 * the Deployment gives both (`pod-template-hash`), so they have two.
 */
function ownerKinds({ metadata }: Pod): string[] {
  const kind = metadata?.ownerReferences?.find(({ controller }) => controller === true)?.kind;
  if (!kind) {
    return [bareKind];
  }
  const ofDeployment = kind === 'ReplicaSet' && textAt(metadata?.labels, 'pod-template-hash') !== undefined;
  return ofDeployment ? [kind, 'Deployment'] : [kind];
}
