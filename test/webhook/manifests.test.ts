import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { parseFlags } from '../../webhook/flags.ts';
import { loadPolicy } from '../../webhook/policy/load.ts';

const base = join(import.meta.dirname, '../../manifests/base');

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
  const resources = parseFile('kustomization.yaml')[0]?.['resources'];
  const others = files.filter((name) => !['kustomization.yaml', 'policy.yaml'].includes(name));
  expect([...(resources as string[])].sort()).toEqual(others.sort());
});

test('the shipped policy loads without an error or a warning', () => {
  const loaded = loadPolicy(readFileSync(join(base, 'policy.yaml'), 'utf8'));
  expect(loaded).toMatchObject({ ok: true, warnings: [] });
});

test.each([
  ['MutatingWebhookConfiguration', '/mutate'],
  ['ValidatingWebhookConfiguration', '/validate'],
])('the %s can’t take a cluster down', (kind, path) => {
  const { webhooks } = find(kind, 'realip-webhook') as unknown as {
    webhooks: { matchConditions: { expression: string }[] }[];
  };
  expect(webhooks).toMatchObject([
    {
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      matchPolicy: 'Equivalent',
      failurePolicy: 'Ignore',
      timeoutSeconds: 2,
      clientConfig: { service: { namespace: 'realip-system', path } },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      namespaceSelector: {
        matchExpressions: [
          { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['realip-system'] },
        ],
      },
    },
  ]);
  for (const { expression } of webhooks.flatMap(({ matchConditions }) => matchConditions)) {
    // A field that is absent is an error in CEL; under Ignore an error lets the pod pass by unplaced.
    for (const [field] of expression.matchAll(/object(\.(?!exists)[a-zA-Z]+)+/g)) {
      expect([expression, expression.includes(`has(${field})`)]).toEqual([expression, true]);
    }
  }
});

interface Workload {
  readonly spec: {
    readonly replicas: number;
    readonly strategy: object;
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] };
    };
  };
}

test('the webhook runs twice, apart, off the real-IP nodes, and with flags that it knows', () => {
  const { spec } = find('Deployment', 'realip-webhook') as unknown as Workload;
  expect(spec.replicas).toBe(2);
  expect(spec.template.spec).toMatchObject({
    nodeSelector: { 'realip.io/zone': 'overlay' },
    affinity: { podAntiAffinity: expect.anything() },
  });
  expect(find('PodDisruptionBudget', 'realip-webhook')).toMatchObject({ spec: { minAvailable: 1 } });
  const args = spec.template.spec.containers[0]?.args ?? [];
  expect(parseFlags(args)).toMatchObject({
    listen: { port: 9443 },
    kube: true,
  });
});

test('the ledger on SQLite never runs twice', () => {
  const { spec } = find('Deployment', 'realip-ipam-server') as unknown as Workload;
  expect(spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  expect(spec.template.spec).toMatchObject({
    hostNetwork: true,
    nodeSelector: { 'realip.io/ipam-server': 'true' },
  });
});

test('the webhook may read namespaces, the IPAM server what --kube asks, the agent tell events, and nobody anything else', () => {
  const roles = objects.filter(({ kind }) => /Role$/.test(kind));
  expect(Object.fromEntries(roles.map(({ metadata, rules }) => [metadata?.name, rules]))).toEqual({
    'realip-agent': [{ apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] }],
    'realip-webhook': [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] }],
    'realip-ipam-server': [
      { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
      { apiGroups: [''], resources: ['pods', 'namespaces'], verbs: ['get'] },
      { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['get'] },
    ],
  });
});
