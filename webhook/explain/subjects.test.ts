import { Problem } from '../../core/problem/problem.ts';
import { type Given, type Subject, subjectsOf } from './subjects.ts';

const spec = { containers: [{ name: 'web' }] };

function subjects(value: unknown, given: Given = {}): readonly Subject[] {
  return subjectsOf([{ value, where: 'pod.yaml:1' }], given).subjects;
}

function refusal(value: unknown, given: Given = {}): string {
  try {
    subjects(value, given);
  } catch (error) {
    return error instanceof Problem ? `${error.code}: ${error.message}` : String(error);
  }
  throw new Error('it was taken');
}

function workload(kind: string, apiVersion: string, change: object = {}): object {
  const template = { metadata: { labels: { app: 'web' }, annotations: { note: 'x' } }, spec };
  return { apiVersion, kind, metadata: { name: 'web', namespace: 'shop' }, spec: { template }, ...change };
}

test.each([
  ['Deployment', 'apps/v1', 'ReplicaSet', 'apps/v1', ['pod-template-hash']],
  ['ReplicaSet', 'apps/v1', 'ReplicaSet', 'apps/v1', []],
  [
    'StatefulSet',
    'apps/v1',
    'StatefulSet',
    'apps/v1',
    ['apps.kubernetes.io/pod-index', 'controller-revision-hash', 'statefulset.kubernetes.io/pod-name'],
  ],
  ['DaemonSet', 'apps/v1', 'DaemonSet', 'apps/v1', ['controller-revision-hash', 'pod-template-generation']],
  [
    'Job',
    'batch/v1',
    'Job',
    'batch/v1',
    ['batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name', 'controller-uid', 'job-name'],
  ],
  ['CloneSet', 'apps.kruise.io/v1alpha1', 'CloneSet', 'apps.kruise.io/v1alpha1', []],
])(
  'the pod of a %s has its owner, its labels and its template',
  (kind, apiVersion, ownerKind, ownerVersion, labels) => {
    const [subject] = subjects(workload(kind, apiVersion));
    expect(subject).toMatchObject({ kind, name: 'web', namespace: 'shop' });
    expect(subject?.pod).toMatchObject({
      metadata: {
        annotations: { note: 'x' },
        ownerReferences: [{ apiVersion: ownerVersion, kind: ownerKind, controller: true }],
      },
      spec,
    });
    expect(Object.keys(subject?.pod?.metadata?.labels ?? {}).sort()).toEqual(['app', ...labels].sort());
  },
);

test('a CronJob makes Jobs, which make its pods', () => {
  const jobTemplate = { spec: { template: { spec } } };
  const [subject] = subjects(workload('CronJob', 'batch/v1', { spec: { jobTemplate } }));
  expect(subject?.pod?.metadata?.ownerReferences).toMatchObject([{ kind: 'Job', apiVersion: 'batch/v1' }]);
});

test('a List, also one whose items leave out what they are, is taken apart', () => {
  const pod = { metadata: { name: 'a' }, spec };
  const list = { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Pod', ...pod }] };
  expect(subjects(list)).toMatchObject([{ kind: 'Pod', name: 'a', namespace: 'default' }]);
  expect(subjects({ apiVersion: 'v1', kind: 'PodList', items: [pod, pod] })).toHaveLength(2);
  expect(subjects({ apiVersion: 'v1', kind: 'PodList', items: [] })).toEqual([]);
});

test('a review of a new pod is its pod; of anything else it creates none', () => {
  const request = { uid: 'u', operation: 'CREATE', namespace: 'shop', object: { spec } };
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  expect(subjects(review)).toMatchObject([{ kind: 'Pod', namespace: 'shop', pod: { spec } }]);
  expect(subjects({ ...review, request: { ...request, operation: 'DELETE' } })).toMatchObject([
    { pod: null },
  ]);
});

test('labels of the namespace come from a Namespace among the objects, else from the caller, else are unknown', () => {
  const pods = ['shop', 'bank'].map((namespace) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace },
    spec,
  }));
  const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'a' } } };
  const list = { apiVersion: 'v1', kind: 'List', items: [...pods, shop] };
  expect(subjects(list).map((each) => each.namespaceLabels)).toEqual([
    { 'kubernetes.io/metadata.name': 'shop', team: 'a' },
    null,
  ]);
  expect(
    subjects(list, { namespaceLabels: { team: 'b' } }).map((each) => each.namespaceLabels?.['team']),
  ).toEqual(['a', 'b']);
});

test('objects without pods are told, not explained', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' } };
  expect(subjectsOf([{ value: service, where: 'x' }], {})).toEqual({
    subjects: [],
    passedBy: ['Service shop/web'],
  });
});

test('what can’t be read is refused, saying where', () => {
  expect(refusal('text')).toBe(
    'OBJECT_UNEXPLAINABLE: pod.yaml:1: no Kubernetes object: it needs apiVersion and kind',
  );
  expect(refusal({ kind: 'Pod' })).toContain('needs apiVersion and kind');
  expect(refusal({ apiVersion: 'v1', kind: 'Pod', metadata: [] })).toContain('metadata must be a mapping');
  expect(refusal({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 3 } })).toContain(
    'metadata.name must be text',
  );
  expect(refusal({ apiVersion: 'v1', kind: 'Pod', metadata: {} })).toMatch(/pod.yaml:1: the pod.*spec/);
  const badTemplate = { spec: { template: { spec: { containers: 'none' } } } };
  expect(refusal(workload('Deployment', 'apps/v1', badTemplate))).toMatch(
    /the pod of its template.spec.containers/,
  );
  const list = { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Pod' }] };
  expect(refusal(list)).toContain('pod.yaml:1: items[0]: the pod');
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', labels: { b: 1 } } };
  expect(refusal(namespace)).toContain('labels must map text to text');
  expect(refusal(workload('Job', 'batch/v1'), { namespace: 'bank' })).toContain(
    'is in the namespace "shop", but "bank" was asked for',
  );
  expect(refusal({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' })).toMatch(/^REVIEW_INVALID/);
});
