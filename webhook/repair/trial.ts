import { placedByKey } from '../policy/names.ts';
import { textAt } from '../policy/pod.ts';
import type { Needs } from './node-fit.ts';
import type { RawPod } from './raw-pod.ts';
import { addressesOf } from './stored-pod.ts';

/**
 * The pod as its controller would make it anew, for a dry run: the API server and every webhook then say what would
 * become of it. What a running pod has beyond its template stays, as far as a new pod may have it.
 */
export function trialOf({ metadata, spec }: RawPod): object {
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => key !== placedByKey);
  const ofNewPods = Object.entries(spec).filter(([field]) => !ofRunningPods.has(field));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'realip-trial-',
      namespace: metadata.namespace,
      labels: metadata.labels ?? {},
      annotations: Object.fromEntries(annotations),
      // To block an owner's deletion is a right of its own.
      ownerReferences:
        metadata.ownerReferences?.map((owner) => ({ ...owner, blockOwnerDeletion: false })) ?? [],
    },
    spec: Object.fromEntries(ofNewPods),
  };
}

const ofRunningPods: ReadonlySet<string> = new Set(['nodeName', 'ephemeralContainers']);

/** What a dry run shows. */
export interface Trial {
  /** What the webhook noted; undefined where it did not see the pod. */
  readonly placedBy: string | undefined;
  readonly needs: Needs;
}

export function trialFrom({ metadata, spec }: RawPod): Trial {
  return {
    placedBy: textAt(metadata.annotations, placedByKey),
    needs: {
      nodeSelector: spec.nodeSelector ?? {},
      terms:
        spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ??
        null,
      tolerations: spec.tolerations ?? [],
      addresses: addressesOf(spec),
    },
  };
}
