import type { Pod } from '../policy/pod.ts';
import type { NodeTerm } from './node-fit.ts';

/** The part of a Pod, as the API server stores it, that repair reads: what a new one has, and what became of it. */
export interface RawPod {
  readonly metadata: Omit<NonNullable<Pod['metadata']>, 'ownerReferences'> & {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string | null;
    readonly ownerReferences?: readonly RawOwner[] | null;
    readonly managedFields?: readonly { readonly subresource?: string; readonly fieldsV1?: object }[] | null;
  };
  readonly spec: Pod['spec'] & {
    readonly affinity?: {
      readonly nodeAffinity?: {
        readonly requiredDuringSchedulingIgnoredDuringExecution?: {
          readonly nodeSelectorTerms: readonly NodeTerm[];
        } | null;
      } | null;
    } | null;
    readonly volumes?: readonly { readonly persistentVolumeClaim?: object | null }[] | null;
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[] | null;
  };
}

interface RawOwner {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | null;
}
