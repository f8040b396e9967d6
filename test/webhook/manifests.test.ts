import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { judgeConf } from '../../cni/preflight/conf.ts';
import { parseFlags } from '../../webhook/flags.ts';
import { loadPolicy } from '../../webhook/policy/load.ts';

const base = join(import.meta.dirname, '../../manifests/base');
const realip = join(import.meta.dirname, '../../dist/realip');

/** The little of a Kubernetes object that these tests look at. */
interface Manifest {
  readonly kind: string;
  readonly metadata?: { readonly name?: string };
  readonly [field: string]: unknown;
}

function parseFile(name: string): Manifest[] {
  return parseAllDocuments(readFileSync(join(base, name), 'utf8')).map((document) => {
    expect([name, document.errors]).toEqual([name, []]);
    return document.toJS() as Manifest;
  });
}

const files = readdirSync(base, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.yaml'),
);
const objects = files.filter((name) => name !== 'policy.yaml').flatMap(parseFile);

function find(kind: string, name: string): Manifest {
  const found = objects.find((each) => each.kind === kind && each.metadata?.name === name);
  if (found === undefined) {
    throw new Error(`there is no ${kind} ${name}`);
  }
  return found;
}

test('kustomize knows every file', () => {
  const known = (folder: string): string[] => {
    const resources = parseFile(join(folder, 'kustomization.yaml'))[0]?.['resources'] ?? [];
    const paths = (resources as string[]).map((name) => join(folder, name));
    return paths.flatMap((path) => (path.endsWith('.yaml') ? [path] : known(path)));
  };
  const others = files.filter((name) => !/(^|\/)(kustomization|policy)\.yaml$/.test(name));
  expect(known('').sort()).toEqual(others.sort());
});

const single = join(base, '../overlays/single');

test.each(['00-realip.conflist', 'ptp.conflist'])(
  'the overlay’s %s is fit for a node, and has one place of the server with the webhook',
  (name) => {
    const text = readFileSync(join(single, name), 'utf8');
    expect(judgeConf(name, text).findings.filter(({ level }) => level !== 'ok')).toEqual([]);
    const list = JSON.parse(text);
    // A runtime that asks STATUS would call a node without addresses not ready.
    expect(list.cniVersion).toBe('1.0.0');
    const { server } = list.plugins[0].ipam;
    expect(readFileSync(join(single, 'kustomization.yaml'), 'utf8')).toContain(`"ipam-server=${server}"`);
  },
);

test('nodes with ptp differ from the others by the data plane alone, and by what makes a hostPort', () => {
  const [others, ptp] = ['00-realip.conflist', 'ptp.conflist'].map((name) =>
    JSON.parse(readFileSync(join(single, name), 'utf8')),
  );
  const portmap = { type: 'portmap', snat: false, capabilities: { portMappings: true } };
  const [plugin] = others.plugins;
  expect(ptp).toEqual({ ...others, plugins: [{ ...plugin, dataplane: 'ptp' }, portmap] });
});

test('the agent’s flags are known, and the plugin finds its credentials where the node keeps them', () => {
  const { spec } = find('DaemonSet', 'realip-agent') as unknown as Workload;
  const [, agent, ...flags] = spec.template.spec.containers[0]?.command ?? [];
  expect(agent).toBe('agent');
  const { stdout } = spawnSync(realip, ['agent', '--help'], { encoding: 'utf8' });
  for (const flag of flags) {
    expect([flag, stdout.includes(`${flag.split('=')[0]} `)]).toEqual([flag, true]);
  }
  const { ipam } = JSON.parse(readFileSync(join(single, '00-realip.conflist'), 'utf8')).plugins[0];
  for (const path of [ipam.tokenFile, ipam.caFile]) {
    expect(path).toMatch(/^\/var\/lib\/realip\/[^/]+$/);
  }
});

test('an update of the agents takes one node at a time, wherever they are tolerated or not', () => {
  expect(find('DaemonSet', 'realip-agent')).toMatchObject({
    spec: {
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: {
        spec: {
          priorityClassName: 'system-node-critical',
          nodeSelector: { 'realip.io/zone-type': 'macvlan' },
          tolerations: [{ operator: 'Exists' }],
        },
      },
    },
  });
});

test('the shipped policy loads without an error or a warning', () => {
  const loaded = loadPolicy(readFileSync(join(base, 'policy.yaml'), 'utf8'));
  expect(loaded).toMatchObject({ ok: true, warnings: [] });
});

interface Entry {
  readonly name: string;
  readonly failurePolicy: string;
  readonly clientConfig: object;
  readonly namespaceSelector: { readonly matchExpressions: readonly object[] };
  readonly matchConditions: readonly { readonly expression: string }[];
}

test.each([
  ['MutatingWebhookConfiguration', '/mutate', ['placement.realip.io', 'placement-required.realip.io']],
  [
    'ValidatingWebhookConfiguration',
    '/validate',
    ['annotations.realip.io', 'annotations-required.realip.io'],
  ],
])('the %s can’t take a cluster down: Fail is for namespaces that ask for it', (kind, path, names) => {
  const { webhooks } = find(kind, 'realip-webhook') as unknown as { webhooks: readonly Entry[] };
  const entry = (name: string, failurePolicy: string, operator: string) => ({
    name,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    matchPolicy: 'Equivalent',
    failurePolicy,
    timeoutSeconds: 2,
    rules: [
      {
        apiGroups: [''],
        apiVersions: ['v1'],
        operations: ['CREATE'],
        resources: ['pods'],
        scope: 'Namespaced',
      },
    ],
    namespaceSelector: {
      matchExpressions: [
        { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['realip-system'] },
        { key: 'realip.io/placement', operator, values: ['required'] },
      ],
    },
  });
  const [lenient = '', strict = ''] = names;
  expect(webhooks).toMatchObject([entry(lenient, 'Ignore', 'NotIn'), entry(strict, 'Fail', 'In')]);
  const [first, second] = webhooks;
  expect(second?.matchConditions).toEqual(first?.matchConditions);
  for (const { clientConfig } of webhooks) {
    // No caBundle: applied again, the manifest leaves the one that is there.
    expect(clientConfig).toEqual({
      service: { name: 'realip-webhook', namespace: 'realip-system', path, port: 443 },
    });
  }
  for (const { expression } of webhooks.flatMap(({ matchConditions }) => matchConditions)) {
    // A field that is absent is an error in CEL; under Ignore an error lets the pod pass by unplaced.
    for (const [field] of expression.matchAll(/object(\.(?!exists)[a-zA-Z]+)+/g)) {
      expect([expression, expression.includes(`has(${field})`)]).toEqual([expression, true]);
    }
  }
});

test('whatever a pod says to realip reaches /validate, unless the pod is never touched', () => {
  const webhooksOf = (kind: string) =>
    (find(kind, 'realip-webhook') as unknown as { webhooks: readonly Entry[] }).webhooks;
  const [placing] = webhooksOf('MutatingWebhookConfiguration');
  for (const { matchConditions } of webhooksOf('ValidatingWebhookConfiguration')) {
    const [asks, ...never] = matchConditions;
    for (const field of ['annotations', 'labels']) {
      expect(asks?.expression).toContain(
        `(has(object.metadata.${field}) && object.metadata.${field}.exists(key,`,
      );
    }
    expect(asks?.expression.match(/key\.startsWith\('realip\.io\/'\)/g)).toHaveLength(2);
    expect(never).toEqual(placing?.matchConditions);
  }
});

interface Probe {
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly failureThreshold?: number;
}

interface Workload {
  readonly spec: {
    readonly replicas: number;
    readonly strategy: object;
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly command?: readonly string[];
          readonly livenessProbe?: Probe;
          readonly readinessProbe?: Probe;
          readonly startupProbe?: Probe;
        }[];
      };
    };
  };
}

test('the webhook runs twice, apart, off the real-IP nodes, and with flags that it knows', () => {
  const { spec } = find('Deployment', 'realip-webhook') as unknown as Workload;
  expect(spec.replicas).toBe(2);
  expect(spec.template.spec).toMatchObject({
    nodeSelector: { 'realip.io/zone': 'overlay' },
    affinity: { podAntiAffinity: expect.anything() },
    topologySpreadConstraints: [
      { topologyKey: 'kubernetes.io/hostname', matchLabelKeys: ['pod-template-hash'] },
    ],
  });
  expect(find('PodDisruptionBudget', 'realip-webhook')).toMatchObject({ spec: { minAvailable: 1 } });
  const args = spec.template.spec.containers[0]?.args ?? [];
  process.env['POD_NAMESPACE'] = 'realip-system';
  expect(parseFlags(args)).toMatchObject({
    listen: { port: 9443 },
    kube: true,
    certificate: {
      ownCa: { namespace: 'realip-system', secret: 'realip-webhook-ca', webhook: 'realip-webhook' },
    },
  });
  delete process.env['POD_NAMESPACE'];
});

test.each([
  ['Deployment', 'realip-ipam-server'],
  ['Deployment', 'realip-webhook'],
  ['DaemonSet', 'realip-agent'],
])('a node that is busy does not end the %s %s for being slow', (kind, name) => {
  const { spec } = find(kind, name) as unknown as Workload;
  const { livenessProbe, startupProbe, readinessProbe } = spec.template.spec.containers[0] ?? {};
  // A kubelet that knows of no start begins to count at once.
  for (const [probe, patience] of [
    [livenessProbe, 60],
    [startupProbe ?? livenessProbe, 120],
  ] as const) {
    const { periodSeconds = 10, failureThreshold = 3 } = probe ?? {};
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(patience);
  }
  for (const probe of [livenessProbe, readinessProbe, startupProbe ?? livenessProbe]) {
    expect(probe?.timeoutSeconds ?? 1).toBeGreaterThanOrEqual(5);
  }
});

test('the ledger on SQLite never runs twice', () => {
  const { spec } = find('Deployment', 'realip-ipam-server') as unknown as Workload;
  expect(spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  expect(spec.template.spec).toMatchObject({
    hostNetwork: true,
    nodeSelector: { 'realip.io/ipam-server': 'true' },
  });
});

test('the webhook may keep its Secret and its two configurations, and no other', () => {
  const rights = parseFile('webhook/own-ca-rights.yaml');
  const rules = rights.filter(({ kind }) => /Role$/.test(kind)).map((each) => [each.kind, each['rules']]);
  expect(rules).toEqual([
    [
      'Role',
      [
        { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
        {
          apiGroups: [''],
          resources: ['secrets'],
          resourceNames: ['realip-webhook-ca'],
          verbs: ['get', 'watch', 'update'],
        },
      ],
    ],
    [
      'ClusterRole',
      [
        {
          apiGroups: ['admissionregistration.k8s.io'],
          resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
          resourceNames: ['realip-webhook'],
          verbs: ['get', 'watch', 'patch'],
        },
      ],
    ],
  ]);
  const account = { kind: 'ServiceAccount', name: 'realip-webhook', namespace: 'realip-system' };
  const subjects = rights.filter(({ kind }) => /Binding$/.test(kind)).map((each) => each['subjects']);
  expect(subjects).toEqual([[account], [account]]);
});

test('beside that the webhook may read namespaces, the IPAM server what --kube asks and keeps, the agent tell events, and nobody anything else', () => {
  const roles = objects.filter(
    ({ kind, metadata }) => /Role$/.test(kind) && metadata?.name !== 'realip-webhook-own-ca',
  );
  expect(Object.fromEntries(roles.map(({ metadata, rules }) => [metadata?.name, rules]))).toEqual({
    'realip-agent': [{ apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] }],
    'realip-webhook': [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] }],
    'realip-ipam-server': [
      { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
      { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch', 'patch'] },
      { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
      { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get'] },
    ],
  });
});
