import { ipResource } from '../policy/names.ts';
import type { Container, Pod } from '../policy/pod.ts';
import type { RawPod } from './raw-pod.ts';

/** Who makes the pod anew when it is gone. */
export interface Controller {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** What is remembered of a pod: thousands are, so nothing that no decision needs. */
export interface StoredPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** What the policy decides by, as it was at creation: `nodeName` is there only where the pod came with one. */
  readonly pod: Pod;
  /** The node that it is on, or null. */
  readonly node: string | null;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly controller: Controller | null;
  /** Whether it is on its way out, or has done its work. */
  readonly isEnding: boolean;
  /** Whether the scheduler counts what it takes of its node no more; it does so while a pod is on its way out. */
  readonly isDone: boolean;
  readonly isReady: boolean;
  /** Whether it has a volume that may be tied to its node. */
  readonly hasClaims: boolean;
  /** How many `realip.io/ip` it takes. */
  readonly addresses: number;
}

/** Annotations that decide; others can be long. */
const deciding = /^(realip\.io\/|kubernetes\.io\/config\.mirror$)/;

export function storedPod({ metadata, spec, status }: RawPod): StoredPod {
  const { namespace, name, uid, creationTimestamp, deletionTimestamp, ownerReferences } = metadata;
  const controller = ownerReferences?.find((owner) => owner.controller === true);
  const node = spec.nodeName || null;
  const isDone = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  return {
    namespace,
    name,
    uid,
    pod: {
      metadata: {
        namespace,
        labels: metadata.labels ?? {},
        annotations: Object.fromEntries(
          Object.entries(metadata.annotations ?? {}).filter(([key]) => deciding.test(key)),
        ),
        ownerReferences:
          ownerReferences?.map((owner) => ({ kind: owner.kind, controller: owner.controller === true })) ??
          [],
      },
      spec: {
        hostNetwork: spec.hostNetwork === true,
        serviceAccountName: spec.serviceAccountName ?? '',
        nodeSelector: spec.nodeSelector ?? {},
        ...(node !== null && cameWithNode(metadata) ? { nodeName: node } : {}),
      },
    },
    node,
    created: Date.parse(creationTimestamp),
    controller:
      controller === undefined ? null : { kind: controller.kind, name: controller.name, uid: controller.uid },
    isEnding: Boolean(deletionTimestamp) || isDone,
    isDone,
    isReady:
      status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ??
      false,
    hasClaims: spec.volumes?.some((volume) => Boolean(volume.persistentVolumeClaim)) ?? false,
    addresses: addressesOf(spec),
  };
}

/**
 * Whether the pod's author chose its node. The scheduler binds by a subresource, which leaves no mark among the
 * managed fields; whoever wrote `spec.nodeName` does.
 */
function cameWithNode({ managedFields }: RawPod['metadata']): boolean {
  return (
    managedFields?.some(({ subresource, fieldsV1 }) => {
      const ofSpec: unknown = fieldsV1 && Reflect.get(fieldsV1, 'f:spec');
      return !subresource && typeof ofSpec === 'object' && ofSpec !== null && 'f:nodeName' in ofSpec;
    }) ?? false
  );
}

/** How many `realip.io/ip` the pod asks for, as the scheduler counts: init containers run before the others. */
export function addressesOf({ containers, initContainers }: RawPod['spec']): number {
  return Math.max(asked(containers), asked(initContainers));
}

function asked(containers: readonly Container[] | null | undefined): number {
  const each = containers?.map(({ resources }) => Number(resources?.requests?.[ipResource] ?? 0)) ?? [];
  return each.reduce((sum, count) => sum + (Number.isFinite(count) ? count : 0), 0);
}
