import { traitsOf } from './arrival.ts';
import { type Mismatch, mismatch } from './match.ts';
import type { Pod, Texts } from './pod.ts';
import type { Match } from './policy.ts';

const always: Match = {
  namespaces: [],
  namespaceLabels: {},
  labels: {},
  ownerKinds: [],
  serviceAccounts: [],
};

interface Given {
  readonly namespace?: string;
  readonly namespaceLabels?: Texts | null;
  readonly labels?: Texts;
  readonly owners?: readonly { kind: string; controller?: boolean }[];
  readonly account?: string;
}

function found(conditions: Partial<Match>, given: Given): Mismatch | null {
  const { namespace = 'any', namespaceLabels = {}, labels = {}, owners = [], account } = given;
  const pod: Pod = {
    metadata: { labels, ownerReferences: [...owners] },
    spec: account === undefined ? {} : { serviceAccountName: account },
  };
  return mismatch({ ...always, ...conditions }, traitsOf({ pod, namespace, namespaceLabels }));
}

const dns = { namespaces: ['kube-system'], labels: { 'k8s-app': 'kube-dns' } };

test('namespaces and labels given together must both fit', () => {
  expect(found(dns, { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns', other: 'x' } })).toBeNull();
  expect(found(dns, { namespace: 'default', labels: { 'k8s-app': 'kube-dns' } })).toEqual({
    field: 'namespaces',
    wanted: ['kube-system'],
    found: 'default',
  });
  expect(found(dns, { namespace: 'kube-system' })).toEqual({
    field: 'labels',
    key: 'k8s-app',
    wanted: 'kube-dns',
    found: undefined,
  });
});

test('one of several namespaces is enough, all labels are needed', () => {
  const match = { namespaces: ['a', 'b-*'], labels: { x: '1', y: '2' } };
  expect(found(match, { namespace: 'b-1', labels: { x: '1', y: '2' } })).toBeNull();
  expect(found(match, { namespace: 'a', labels: { x: '1' } })).not.toBeNull();
});

test('an empty match matches every pod', () => {
  expect(found({}, {})).toBeNull();
});

test('a label that every JavaScript object inherits is still absent', () => {
  expect(found({ labels: { constructor: '' } }, {})).not.toBeNull();
});

test('the namespace must have all labels asked for, and match nothing while they are unknown', () => {
  const match = { namespaceLabels: { team: 'a', stage: 'test' } };
  expect(found(match, { namespaceLabels: { team: 'a', stage: 'test', more: '1' } })).toBeNull();
  expect(found(match, { namespaceLabels: { team: 'a' } })).toEqual({
    field: 'namespaceLabels',
    key: 'stage',
    wanted: 'test',
    found: undefined,
    known: true,
  });
  expect(found(match, { namespaceLabels: null })).toMatchObject({ field: 'namespaceLabels', known: false });
});

test('the controller’s kind counts, a Deployment’s behind its ReplicaSet too', () => {
  const hash = { 'pod-template-hash': '6d4b' };
  const replicaSet = [{ kind: 'ReplicaSet', controller: true }];
  const wants = (...ownerKinds: string[]) => ({ ownerKinds });
  expect(
    found(wants('Job', 'StatefulSet'), { owners: [{ kind: 'StatefulSet', controller: true }] }),
  ).toBeNull();
  expect(found(wants('Deployment'), { owners: replicaSet, labels: hash })).toBeNull();
  expect(found(wants('ReplicaSet'), { owners: replicaSet, labels: hash })).toBeNull();
  expect(found(wants('Deployment'), { owners: replicaSet })).toEqual({
    field: 'ownerKinds',
    wanted: ['Deployment'],
    found: ['ReplicaSet'],
  });
  expect(
    found(wants('Job'), { owners: [{ kind: 'Job', controller: false }, { kind: 'Job' }] }),
  ).toMatchObject({ found: ['none'] });
});

test('a bare pod has the owner kind none', () => {
  expect(found({ ownerKinds: ['none'] }, {})).toBeNull();
  expect(found({ ownerKinds: ['none'] }, { owners: [{ kind: 'Job', controller: true }] })).not.toBeNull();
});

test('a service account is named in any namespace or in one', () => {
  const wants = (...serviceAccounts: string[]) => ({ serviceAccounts });
  const builder = { namespace: 'ci', account: 'builder' };
  for (const pattern of ['builder', 'b*', 'ci/builder', 'c*/builder', 'ci/*', '*/*']) {
    expect([pattern, found(wants(pattern), builder)]).toEqual([pattern, null]);
  }
  for (const pattern of ['ci', 'ci*', 'cd/builder', 'ci/build', 'builder/ci']) {
    expect([pattern, found(wants(pattern), builder)]).toEqual([
      pattern,
      { field: 'serviceAccounts', wanted: [pattern], found: 'ci/builder' },
    ]);
  }
  expect(found(wants('default'), { namespace: 'ci' })).toBeNull();
});
