import { Problem } from '../../core/problem/problem.ts';
import { type Decision, decide, namespaceCounts } from './decide.ts';
import { loadPolicy } from './load.ts';
import type { Texts } from './pod.ts';
import type { Policy } from './policy.ts';

const policy = load(`zones:
  overlay: {type: overlay, nodeSelector: {z: overlay}}
  real: {type: macvlan, nodeSelector: {z: real}}
rules:
  - {name: dns, match: {namespaces: [kube-system], labels: {k8s-app: kube-dns}}, zone: overlay}
  - {name: system, match: {namespaces: ["kube-*"]}, zone: none}
  - {name: late, match: {namespaces: [kube-system]}, zone: real}
default: real
`);

function load(text: string): Policy {
  const loaded = loadPolicy(text);
  if (!loaded.ok) {
    throw new Error(JSON.stringify(loaded.errors));
  }
  return loaded.policy;
}

interface Given {
  readonly labels?: Texts;
  readonly annotations?: Texts;
  readonly namespace?: string;
  readonly namespaceLabels?: Texts | null;
}

function decided({
  labels = {},
  annotations = {},
  namespace = 'shop',
  namespaceLabels = null,
}: Given): Decision {
  const pod = { metadata: { labels, annotations }, spec: {} };
  return decide(policy, { pod, namespace, namespaceLabels });
}

function outcome(given: Given): string {
  const decision = decided(given);
  return decision.kind === 'placed' ? `${decision.zone?.name ?? 'none'} by ${decision.by}` : decision.because;
}

function refusal(given: Given): Problem {
  try {
    decided(given);
  } catch (error) {
    if (error instanceof Problem) {
      return error;
    }
  }
  throw new Error('was not refused');
}

const zone = (name: string) => ({ 'realip.io/zone': name });

test('the pod decides before its namespace, the namespace before the rules, the rules before the default', () => {
  const dns = { 'k8s-app': 'kube-dns' };
  const everything = { namespace: 'kube-system', namespaceLabels: zone('real') };
  expect(outcome({ ...everything, labels: { ...dns, ...zone('none') } })).toBe('none by pod');
  expect(outcome({ ...everything, labels: dns })).toBe('real by namespace');
  expect(outcome({ namespace: 'kube-system', labels: dns })).toBe('overlay by dns');
  expect(outcome({ namespace: 'shop' })).toBe('real by default');
});

test('the first matching rule wins', () => {
  expect(outcome({ namespace: 'kube-system' })).toBe('none by system');
});

test('label and annotation of the pod count alike, and an empty value counts as absent', () => {
  expect(outcome({ labels: zone('overlay') })).toBe('overlay by pod');
  expect(outcome({ annotations: zone('overlay') })).toBe('overlay by pod');
  expect(outcome({ labels: zone('overlay'), annotations: zone('overlay') })).toBe('overlay by pod');
  expect(outcome({ labels: zone(''), annotations: zone('overlay') })).toBe('overlay by pod');
  expect(outcome({ labels: zone(''), namespaceLabels: zone('') })).toBe('real by default');
});

test('a pod that names two zones is refused, naming both', () => {
  const problem = refusal({ labels: zone('overlay'), annotations: zone('real') });
  expect(problem.code).toBe('POD_ZONE_AMBIGUOUS');
  expect(problem.message).toMatch(/"overlay".*"real"/);
});

test.each<[string, Given]>([
  ['label', { labels: zone('moon') }],
  ['annotation', { annotations: zone('moon') }],
  ['namespace shop', { namespaceLabels: zone('moon') }],
  ['label', { labels: zone('moon'), annotations: zone('') }],
])('an unknown zone in the %s is refused, listing the known ones', (from, given) => {
  const problem = refusal(given);
  expect(problem.code).toBe('POD_ZONE_UNKNOWN');
  expect(problem.message).toContain(from);
  expect(problem.message).toContain('"moon", which is not known; known are overlay, real, none');
});

test('an exempt pod is never refused', () => {
  expect(outcome({ labels: { ...zone('moon'), 'realip.io/inject': 'false' } })).toBe('opted-out');
});

test('a decision says which rules were passed over, and why', () => {
  const decision = decided({ namespace: 'kube-public' });
  expect(decision).toMatchObject({
    by: 'system',
    passedOver: [{ rule: { name: 'dns' }, because: { field: 'namespaces', found: 'kube-public' } }],
  });
});

test('the namespace has no say for an exempt pod, nor for one that names its zone', () => {
  const counts = (labels: Texts, annotations: Texts = {}) =>
    namespaceCounts({ metadata: { labels, annotations }, spec: {} }, 'shop');
  expect(counts({})).toBe(true);
  expect(counts(zone(''), zone(''))).toBe(true);
  expect(counts(zone('real'))).toBe(false);
  expect(counts({}, zone('none'))).toBe(false);
  expect(counts({ 'realip.io/inject': 'false' })).toBe(false);
});
