import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPolicy } from '../policy/load.ts';
import { loadCases } from './load.ts';
import { runCases } from './run.ts';

const policyFile = join(import.meta.dirname, '../../manifests/base/policy.yaml');
const loaded = loadPolicy(readFileSync(policyFile, 'utf8'));

/** What of the expectation isn't met, as `field: expected / got`. */
function misses(expected: string, pod: string): string[] {
  const cases = loadCases(`cases: [{name: a, pod: ${pod}, expect: ${expected}}]`);
  if (!loaded.ok || !cases.ok) {
    throw new Error(JSON.stringify([loaded, cases]));
  }
  return runCases(loaded.policy, cases.cases).cases.flatMap((each) =>
    each.misses.map((miss) => `${miss.field}: ${miss.expected} / ${miss.got}`),
  );
}

test.each([
  ['{zone: real, by: default, ipResource: true, dns: {policy: keep}}', '{namespace: shop}', []],
  ['{zone: overlay}', '{}', ['zone: overlay / real']],
  ['{by: system}', '{}', ['by: system / default']],
  ['{zone: rael}', '{}', ['zone: rael (the policy has none of this name; did you mean "real"?) / real']],
  ['{nodeSelector: {a: b}}', '{}', ['nodeSelector a: b / nothing']],
  [
    '{tolerations: [{key: realip.io/zone-type, operator: Equal, value: macvlan, effect: NoSchedule}]}',
    '{}',
    [],
  ],
  ['{ipResource: false}', '{}', ['ipResource: false / true']],
  ['{ipResource: true}', '{namespace: kube-x}', ['ipResource: true / false']],
  ['{dns: {policy: keep, nameservers: [10.0.0.1], search: []}}', '{}', ['dns nameservers: 10.0.0.1 / none']],
  ['{denied: POD_ZONE_UNKNOWN}', '{labels: {realip.io/zone: moon}}', []],
  ['{denied: "zone \\"moon\\""}', '{annotations: {realip.io/zone: moon}}', []],
  ['{denied: FIXED_ADDRESSES_INVALID}', '{annotations: {realip.io/addresses: x}}', []],
  ['{denied: POD_ZONE_UNKNOWN}', '{}', ['denied: POD_ZONE_UNKNOWN / placed in zone real, by default']],
  ['{exempt: mirror}', '{annotations: {kubernetes.io/config.mirror: x}}', []],
  ['{exempt: bound}', '{spec: {hostNetwork: true, nodeName: n1}}', ['exempt: bound / host-network']],
  ['{exempt: bound}', '{}', ['exempt: bound / placed in zone real, by default']],
  [
    '{zone: real}',
    '{kind: Pod, metadata: {namespace: kube-system, labels: {k8s-app: kube-dns}}, spec: {}}',
    ['zone: real / overlay'],
  ],
  ['{by: namespace}', '{namespaceLabels: {realip.io/zone: real}}', []],
])('%s of %s', (expected, pod, missed) => {
  expect(misses(expected, pod)).toEqual(missed);
});

test('a denied pod that should be placed shows the message', () => {
  expect(misses('{zone: real}', '{labels: {realip.io/zone: moon}}')).toEqual([
    expect.stringMatching(/^zone: real \/ denied: the pod's label .*"moon"/),
  ]);
});

test.each([
  ['cases: []', '1:8 there is no case'],
  ['', 'the file is empty; it needs at least "cases"'],
  [
    'cases: [{name: a, pod: {}, expect: {zone: x}, expct: {}}]',
    'unknown field "expct" in cases[0]; did you mean "expect"?',
  ],
  [
    'cases: [{name: a, pod: {namespce: x}, expect: {zone: x}}]',
    'unknown field "namespce" in cases[0].pod; did you mean "namespace"?',
  ],
  ['cases: [{name: a, pod: {}, expect: {}}]', 'it expects nothing'],
  ['cases: [{name: a, expect: {zone: x}}]', 'either "pod" or "object"'],
  ['cases: [{name: a, pod: {}, expect: {denied: x, zone: y}}]', '"denied" stands alone'],
  ['cases: [{name: "", pod: {}, expect: {zone: y}}]', 'a case needs a name'],
  [
    'cases: [{name: a, pod: {metadata: {}, labels: {}}, expect: {zone: y}}]',
    '"labels" stands beside "metadata"',
  ],
  ['cases: [{name: a, pod: {spec: {containers: 1}}, expect: {zone: y}}]', 'pod: the pod.spec.containers'],
  ['cases: [{name: a, object: {apiVersion: v1, kind: Service}, expect: {zone: y}}]', 'one pod, not none'],
  ['cases: [{name: a, pod: {}, namespaceLabels: {}, expect: {zone: y}}]', 'pod.namespaceLabels'],
  [
    'cases:\n- {name: a, pod: {}, expect: {zone: y}}\n- {name: a, pod: {}, expect: {zone: y}}\n',
    '3:10 duplicate name "a"',
  ],
])('a bad file is told with its place: %s', (text, message) => {
  const cases = loadCases(text);
  const errors = cases.ok
    ? []
    : cases.errors.map(({ line, column, reason }) => `${line}:${column} ${reason}`);
  expect(errors).toContainEqual(expect.stringContaining(message));
});
