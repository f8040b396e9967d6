import { Problem } from '../../core/problem/problem.ts';
import type { Pod } from '../policy/pod.ts';
import type { Zone } from '../policy/policy.ts';
import { examine } from './examine.ts';

const real: Zone = {
  name: 'real',
  within: null,
  type: 'macvlan',
  nodeSelector: {},
  matchExpressions: [],
  tolerations: [],
  ipResource: false,
  dns: { policy: 'keep' },
  fixedAddresses: true,
};
const overlay: Zone = { ...real, name: 'overlay', type: 'overlay' };

function annotated(annotations: Record<string, string>, more: NonNullable<Pod['metadata']> = {}): Pod {
  return { metadata: { annotations, ...more }, spec: {} };
}

/** The warnings, or the code of the denial with its message. */
function verdict(pod: Pod, zone: Zone | null = real): readonly string[] | string {
  try {
    return examine({ pod, namespace: 'shop', namespaceLabels: null }, zone, 'rule').warnings;
  } catch (error) {
    return error instanceof Problem ? `${error.code} ${error.message}` : String(error);
  }
}

test.each([
  ['addresses', '10.9.1.07', 'FIXED_ADDRESSES_INVALID'],
  ['addresses', '10.9.1.7,10.9.1.8', 'FIXED_ADDRESSES_INVALID'],
  ['sticky', 'always', 'POD_ANNOTATION_INVALID'],
  ['retain', 'a day', 'POD_ANNOTATION_INVALID'],
  ['retain', '91d', 'POD_ANNOTATION_INVALID'],
  ['spare', '-1', 'POD_ANNOTATION_INVALID'],
  ['spare', '999999', 'POD_ANNOTATION_INVALID'],
])('realip.io/%s: %s is denied in every zone, naming what is bad', (name, text, code) => {
  for (const zone of [real, overlay, null]) {
    const found = verdict(annotated({ [`realip.io/${name}`]: text }), zone);
    expect(found).toMatch(new RegExp(`^${code} .*realip\\.io/${name}.*`));
  }
});

test('good and empty annotations pass without a word', () => {
  const good = { 'realip.io/sticky': 'owner', 'realip.io/retain': '24h', 'realip.io/spare': '2' };
  expect(
    verdict(annotated({ ...good, 'realip.io/addresses': 'fd00::7', 'realip.io/inject': 'true' })),
  ).toEqual([]);
  expect(
    verdict(annotated({ 'realip.io/addresses': '', 'realip.io/sticky': '', 'realip.io/inject': '' })),
  ).toEqual([]);
});

test('fixed addresses where the policy denies them are denied, naming zone and who decided', () => {
  const pod = annotated({ 'realip.io/addresses': '10.9.1.7' });
  const found = verdict(pod, { ...real, fixedAddresses: false });
  expect(found).toMatch(/^FIXED_ADDRESSES_DENIED .*zone "real", decided by "rule"/);
  expect(verdict(annotated({ 'realip.io/sticky': 'pod' }), { ...real, fixedAddresses: false })).toEqual([]);
});

test.each([
  ['inject', { 'realip.io/inject': 'no' }, 'realip.io/inject has no effect: only "false" has one, not "no"'],
  ['retain alone', { 'realip.io/retain': '1h' }, 'realip.io/retain has no effect without realip.io/sticky'],
  [
    'spare for a pod',
    { 'realip.io/sticky': 'pod', 'realip.io/spare': '1' },
    'realip.io/spare has no effect without realip.io/sticky: owner',
  ],
])('what has no effect is warned of: %s', (_, annotations, warning) => {
  expect(verdict(annotated(annotations))).toEqual([warning]);
});

test.each([
  [
    { annotations: { 'realip.io/adresses': '10.9.1.7' } },
    'annotation realip.io/adresses',
    'realip.io/addresses',
  ],
  [
    { annotations: { 'realip.io/address': '10.9.1.7' } },
    'annotation realip.io/address',
    'realip.io/addresses',
  ],
  [{ annotations: { 'realip.io/Sticky': 'pod' } }, 'annotation realip.io/Sticky', 'realip.io/sticky'],
  [{ annotations: { 'realip.io/zoen': 'real' } }, 'annotation realip.io/zoen', 'realip.io/zone'],
  [{ labels: { 'realip.io/injekt': 'false' } }, 'label realip.io/injekt', 'realip.io/inject'],
  [
    { labels: { 'realip.io/addresses': '10.9.1.7' } },
    'label realip.io/addresses',
    'the annotation realip.io/addresses',
  ],
  [{ labels: { 'realip.io/sticky': 'pod' } }, 'label realip.io/sticky', 'the annotation realip.io/sticky'],
  [{ labels: { 'realip.io/stiky': 'pod' } }, 'label realip.io/stiky', 'the annotation realip.io/sticky'],
])('a key that does nothing is warned of: %j', (metadata: NonNullable<Pod['metadata']>, what, meant) => {
  const warning = `the ${what} has no effect; did you mean ${meant}?`;
  expect(verdict({ metadata, spec: {} })).toEqual([warning]);
  expect(warning.length).toBeLessThanOrEqual(120);
});

test('keys that mean something, are empty, or are somebody’s own, pass without a word', () => {
  const own = { 'realip.io/placed-by': 'default', 'realip.io/room': 'a', 'realip.io/zone-type': 'macvlan' };
  const elsewhere = { 'example.org/adresses': '10.9.1.7', 'realip.io/adresses': '', adresses: 'x' };
  const labels = { ...own, ...elsewhere, 'realip.io/zone': 'real', 'realip.io/inject': 'true' };
  const annotations = { ...labels, 'realip.io/addresses': '10.9.1.7', 'realip.io/sticky': 'pod' };
  expect(verdict({ metadata: { labels, annotations }, spec: {} })).toEqual([]);
});

const counting: Zone = { ...real, ipResource: true };

function asking(...quantities: readonly unknown[]): Pod {
  const containers = quantities.map((each) => ({ resources: { requests: { 'realip.io/ip': each } } }));
  return { spec: { containers: containers.slice(0, 1), initContainers: containers.slice(1) } };
}

test.each([['0'], [0], ['0k'], ['0.0'], ['00'], ['.0'], ['-0'], ['0e3']])(
  'a pod that asks for %j addresses takes one uncounted, which is warned of',
  (quantity) => {
    const warning =
      'realip.io/ip: "0" asks for no address, yet the pod takes one, which the scheduler does not count';
    expect(verdict(asking(quantity), counting)).toEqual([warning]);
    expect(
      verdict({ spec: { containers: [{ resources: { limits: { 'realip.io/ip': quantity } } }] } }, counting),
    ).toEqual([warning]);
    expect(verdict(asking(quantity, '1'), counting)).toEqual([]);
    for (const zone of [real, { ...overlay, ipResource: true }, null]) {
      expect(verdict(asking(quantity), zone)).toEqual([]);
    }
  },
);

test.each([['1'], [1], ['10'], ['0.5'], ['01'], ['1k']])(
  'a pod that asks for %j addresses is counted',
  (quantity) => {
    expect(verdict(asking(quantity), counting)).toEqual([]);
  },
);

test('a pod that says nothing of the resource is no pod that asks for none', () => {
  expect(verdict({ spec: { containers: [{}] } }, counting)).toEqual([]);
});

test.each([
  [overlay, 'zone overlay, which is overlay'],
  [null, 'zone none'],
])('fixed and sticky addresses have no effect off the real-IP zones, which is warned of', (zone, where) => {
  const pod = annotated({ 'realip.io/addresses': '10.9.1.7', 'realip.io/sticky': 'pod' });
  expect(verdict(pod, zone)).toEqual([
    `realip.io/addresses has no effect: the pod is in ${where}`,
    `realip.io/sticky has no effect: the pod is in ${where}`,
  ]);
  expect(examine({ pod, namespace: 'shop', namespaceLabels: null }, zone, 'rule').wanted).toEqual([]);
});

test.each([
  ['ReplicaSet', 'web-5f', 'web-5f-x2k', 'Deployment web'],
  ['StatefulSet', 'db', 'db-1', 'StatefulSet db'],
  ['StatefulSet', 'db', 'db-0', null],
  ['Job', 'once', 'once-x2k', null],
])('an address in a template of many pods is warned of: %s %s, pod %s', (kind, owner, name, told) => {
  const ownerReferences = [{ kind, name: owner, controller: true }];
  const labels = { 'pod-template-hash': '5f' };
  const pod = annotated({ 'realip.io/addresses': '10.9.1.7' }, { name, labels, ownerReferences });
  expect(verdict(pod)).toEqual(
    told === null ? [] : [`realip.io/addresses is one pod’s: a second pod of ${told} would wait for it`],
  );
});
