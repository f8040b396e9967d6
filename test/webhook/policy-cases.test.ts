import { join } from 'node:path';
import { run } from './run.ts';
import { Folder } from './webhook-process.ts';

const manifests = join(import.meta.dirname, '../../manifests');
const policy = join(manifests, 'base/policy.yaml');
const folder = new Folder();
afterAll(() => folder.remove());

test('the shipped policy does what its shipped cases say, and each of its rules is tried', () => {
  const { status, stdout } = run([
    ...['test', '--policy', policy, '--cases', join(manifests, 'policy-cases.yaml'), '-o', 'json'],
  ]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ failed: 0, unreached: [] });
});

test('owner and service account are seen as the webhook sees them; objects give the pod of their controller', () => {
  folder.write(
    'owners.yaml',
    `zones: {a: {type: overlay, nodeSelector: {z: a}}}
rules:
  - {name: deployments, match: {ownerKinds: [Deployment]}, zone: a}
  - {name: jobs, match: {ownerKinds: [Job], serviceAccounts: ["ci/build*"]}, zone: a}
  - {name: bare, match: {ownerKinds: [none]}, zone: a}
default: none
`,
  );
  folder.write(
    'owners-cases.yaml',
    `cases:
  - {name: of a Deployment, pod: {ownerKind: Deployment}, expect: {by: deployments}}
  - {name: of a ReplicaSet, pod: {ownerKind: ReplicaSet}, expect: {by: default}}
  - {name: of a Job, pod: {namespace: ci, ownerKind: Job, serviceAccount: builder}, expect: {by: jobs}}
  - {name: bare, pod: {ownerKind: none}, expect: {by: bare}}
  - {name: bare by silence, pod: {}, expect: {by: bare}}
  - name: an object
    object: {apiVersion: apps/v1, kind: Deployment, spec: {template: {spec: {containers: []}}}}
    namespaceLabels: {realip.io/zone: a}
    expect: {by: namespace}
`,
  );
  const ran = run(['test', '--policy', 'owners.yaml', '--cases', 'owners-cases.yaml'], '', folder.path);
  expect(ran.stdout).toContain('6 passed, 0 failed\n');
  expect(ran).toMatchObject({ status: 0 });
});

test('a bad file is told with its place, status 2', () => {
  folder.write('bad.yaml', 'cases:\n  - {name: a, pod: {namespce: x}, expect: {}}\n');
  expect(run(['test', '--policy', policy, '--cases', 'bad.yaml'], '', folder.path)).toEqual({
    status: 2,
    stdout: '',
    stderr: 'bad.yaml:2: unknown field "namespce" in cases[0].pod; did you mean "namespace"? (column 21)\n',
  });
  expect(run(['test', '--policy', policy])).toMatchObject({ status: 2 });
});
