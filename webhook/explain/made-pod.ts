import type { KubeObject } from './kube-object.ts';
import { isMapping, member } from './mapping.ts';

type Labels = Readonly<Record<string, string>>;

interface Maker {
  /** Where the template stands. */
  readonly template: readonly string[];
  /** The kind that owns the pods, where it is another: a Deployment works by ReplicaSets. */
  readonly owner?: { readonly apiVersion: string; readonly kind: string };
  /** What the controller adds to the template's labels. */
  readonly labels?: (name: string) => Labels;
}

const hash = '0000000000';
const ofSpec = ['spec', 'template'];

function jobLabels(name: string): Labels {
  const uid = '00000000-0000-0000-0000-000000000000';
  return {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
}

const makers: Readonly<Record<string, Maker>> = {
  Deployment: {
    template: ofSpec,
    owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
    labels: () => ({ 'pod-template-hash': hash }),
  },
  StatefulSet: {
    template: ofSpec,
    labels: (name) => ({
      'apps.kubernetes.io/pod-index': '0',
      'controller-revision-hash': `${name}-${hash}`,
      'statefulset.kubernetes.io/pod-name': `${name}-0`,
    }),
  },
  DaemonSet: {
    template: ofSpec,
    labels: () => ({ 'controller-revision-hash': hash, 'pod-template-generation': '1' }),
  },
  Job: { template: ofSpec, labels: jobLabels },
  CronJob: {
    template: ['spec', 'jobTemplate', 'spec', 'template'],
    owner: { apiVersion: 'batch/v1', kind: 'Job' },
    labels: (name) => jobLabels(`${name}-0`),
  },
};

/** A workload that isn't known by name works by this: ReplicaSets, and those of other API groups. */
const anyMaker: Maker = { template: ofSpec };

/**
 * The pod that a workload's controller would make, as far as it matters to a policy: the template with the owner
 * and the labels that the controller adds; what only the controller knows (hashes, counters) has a stand-in.
 * Null where the object has no pod template. It may be a bad one: nothing of the template was looked at.
 */
export function podMadeBy(object: KubeObject): unknown {
  const maker = (Object.hasOwn(makers, object.kind) ? makers[object.kind] : undefined) ?? anyMaker;
  const template = maker.template.reduce(member, object.value);
  if (!isMapping(template) || !isMapping(template['spec'])) {
    return null;
  }
  const { name } = object;
  const { apiVersion, kind } = maker.owner ?? object;
  const metadata = isMapping(template['metadata']) ? template['metadata'] : {};
  const labels = metadata['labels'] ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      generateName: `${name}-`,
      labels: isMapping(labels) ? { ...labels, ...maker.labels?.(name) } : labels,
      ownerReferences: [{ apiVersion, kind, name, controller: true, blockOwnerDeletion: true }],
    },
    spec: template['spec'],
  };
}
