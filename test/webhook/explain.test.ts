import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Report } from '../../webhook/explain/report.ts';
import { program, run } from './run.ts';
import { Folder } from './webhook-process.ts';

const policy = join(import.meta.dirname, '../../manifests/base/policy.yaml');
const folder = new Folder();
afterAll(() => folder.remove());

function explain(input: string, ...args: readonly string[]): ReturnType<typeof run> {
  return run(['explain', '--policy', policy, ...args, '-'], input, folder.path);
}

function explained(input: string, ...args: readonly string[]): Report {
  return JSON.parse(explain(input, '-o', 'json', ...args).stdout) as Report;
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {disk: ssd}
      containers: [{name: web, image: nginx}]
`;
const pod = (name: string, more = '') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec: {${more}containers: [{name: web, image: nginx}]}
`;

test('a Deployment: who was asked, who decided, and the change of its pods as YAML', () => {
  expect(explain(deployment)).toEqual({
    status: 0,
    stderr: '',
    stdout: `Deployment shop/web: placed in zone real
  · pod: it has no label or annotation realip.io/zone
  · namespace: the labels of shop are not known here
  · rule cluster-dns: the namespace is shop, not kube-system
  · rule ingress: the pod's label app.kubernetes.io/name is absent, not "ingress-nginx"
  · rule system: the namespace is shop, not kube-*
  ✔ default: the zone is real
  The pod is changed:
    metadata
    + annotations:
    +   realip.io/placed-by: default
    spec
    + tolerations:
    +   - key: realip.io/zone-type
    +     value: macvlan
    +     effect: NoSchedule
    spec.nodeSelector
    + realip.io/zone-type: macvlan
    spec.containers[0]
    + resources:
    +   requests:
    +     realip.io/ip: "1"
    +   limits:
    +     realip.io/ip: "1"
`,
  });
});

test('a pod that is denied: the message that its author will read, and exit status 1', () => {
  const { status, stdout } = explain(pod('odd', 'nodeSelector: {realip.io/zone-type: overlay}, '));
  expect(status).toBe(1);
  expect(stdout).toMatch(/^Pod default\/odd: denied\n/);
  expect(stdout).toMatch(
    /The user reads:\n {4}admission webhook "placement\.realip\.io" denied the request: the pod's/,
  );
  const { status: ofTwo, stdout: both } = explain(`${deployment}---\n${pod('odd', 'nodeName: n1, ')}`);
  expect(ofTwo).toBe(0);
  expect(both).toContain('Pod default/odd: never touched: it is bound to a node already (spec.nodeName)');
});

test('what /validate says counts, too', () => {
  const bad = pod('odd').replace('name: odd', 'name: odd, annotations: {realip.io/addresses: 10.9.1.07}');
  const { status, stdout } = explain(bad);
  expect(status).toBe(1);
  expect(stdout).toMatch(/admission webhook "annotations\.realip\.io" denied the request: .*10\.9\.1\.07/);
});

test('the namespace decides where its labels are known', () => {
  const labels = ['--namespace', 'bank', '--namespace-labels', 'team=a,realip.io/zone=overlay'];
  expect(explain(pod('p'), ...labels).stdout).toContain(
    '✔ namespace: the label realip.io/zone of bank says overlay',
  );
  const namespace =
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {realip.io/zone: none}}\n';
  const told = explained(`${pod('p')}---\n${namespace}---\n${deployment}`);
  expect(
    told.items.map(({ zone, placedBy, namespaceLabelsKnown }) => [zone, placedBy, namespaceLabelsKnown]),
  ).toEqual([
    ['none', 'namespace', true],
    ['real', 'default', false],
  ]);
});

test('JSON: a List and several documents, in order, with conditions, patch and what has no pods', () => {
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }],
  };
  const told = explained(`${deployment}---\n${JSON.stringify(list)}\n---\n---\n${pod('p')}`);
  expect(told).toMatchObject({ allowed: true, passedBy: ['ConfigMap c'] });
  expect(told.items.map(({ object, outcome }) => [object, outcome])).toEqual([
    [{ kind: 'Deployment', namespace: 'shop', name: 'web' }, 'placed'],
    [{ kind: 'Pod', namespace: 'default', name: 'p' }, 'placed'],
  ]);
  expect(told.items[0]?.steps[2]).toEqual({
    asked: 'rule',
    rule: 'cluster-dns',
    decides: false,
    text: 'the namespace is shop, not kube-system',
    condition: { field: 'namespaces', wanted: ['kube-system'], found: 'shop' },
  });
  expect(told.items[0]?.patch).toContainEqual({
    op: 'add',
    path: '/spec/nodeSelector/realip.io~1zone-type',
    value: 'macvlan',
  });
});

test.each([
  ['no YAML', 'a: [}', /^stdin:1: /],
  ['no object', 'a: b\n', /^stdin:1: no Kubernetes object/],
  ['a bad second document', `${pod('p')}---\n# note\n\napiVersion: v1\nkind: Pod\n`, /^stdin:8: the pod/],
  ['nothing with pods', 'apiVersion: v1\nkind: Service\n', /^stdin:1: there is no pod in it$/m],
  ['a bad review', '{apiVersion: admission.k8s.io/v1, kind: AdmissionReview}', /^stdin:1: the body/],
  ['nothing at all', '', /^stdin:1: there is no pod in it$/m],
  [
    'aliases that multiply',
    `a: &a [x]\n${'bcdefghijklmnop'.replace(/./g, (c, i: number) => `${c}: &${c} [${`*${'abcdefghijklmno'[i]},`.repeat(9)}]\n`)}`,
    /^stdin:1: not readable/,
  ],
])('bad input ends with status 2 and its place: %s', (_, input, message) => {
  const { status, stdout, stderr } = explain(input);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test('a pod without metadata gets some, under no path', () => {
  const { stdout } = explain('{apiVersion: v1, kind: Pod, spec: {containers: [{name: web}]}}');
  expect(stdout).toContain('The pod is changed:\n    + metadata:\n');
});

test('a policy in a ConfigMap is none to explain', () => {
  const { status, stderr } = run(['explain', '--policy', 'configmap:a/b', '-'], pod('p'), folder.path);
  expect(status).toBe(2);
  expect(stderr).toMatch(/--policy configmap:a\/b: .*must be a file/);
});

test('a bad policy, a missing file or a bad flag ends with status 2', () => {
  folder.write('bad.yaml', 'zones: {}\nrule: []\n');
  const bad = run(['explain', '--policy', 'bad.yaml', '-'], '', folder.path);
  expect(bad).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^bad\.yaml:2: .*did you mean "rules"/),
  });
  expect(run(['explain', '--policy', policy, 'absent.yaml'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('absent.yaml'),
  });
  expect(explain('', '-o', 'xml')).toMatchObject({ status: 2, stderr: expect.stringContaining('xml') });
  expect(explain('', '--namespace-labels', 'a:b')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('"a:b" is no label'),
  });
  expect(run(['explain', '--policy', policy])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('files'),
  });
  expect(run(['explain', '--help'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('Exit status'),
  });
});

test('colours are for terminals that want them', () => {
  folder.write('pod.yaml', pod('p'));
  const line = `${process.execPath} ${program} explain --policy ${policy} pod.yaml`;
  const onTerminal = (environment: NodeJS.ProcessEnv) =>
    spawnSync('script', ['-qec', line, '/dev/null'], {
      cwd: folder.path,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], TERM: 'xterm', ...environment },
    }).stdout;
  expect(onTerminal({})).toContain('\x1b[32m+ annotations:');
  expect(onTerminal({ NO_COLOR: '1' })).not.toContain('\x1b[');
  expect(explain(pod('p')).stdout).not.toContain('\x1b[');
});
