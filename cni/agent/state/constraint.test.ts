import type { Pod } from '../../../schema/allocation.ts';
import type { Constraints } from '../../../schema/reserve.ts';
import { whyNotAny } from './constraint.ts';
import { nobody, Trial } from './testing/trial.ts';

const pod: Pod = { namespace: 'shop', name: 'web-0' };
const request = { node: 'n1', network: 'real', containerId: 'c1', ifname: 'eth0' };

/** Whether the reserve serves a pod under these constraints. */
function serves(who: Partial<Pod> | undefined, constraints: Partial<Constraints>): boolean {
  const whose = who === undefined ? {} : { pod: { ...pod, ...who } };
  return whyNotAny({ ...request, ...whose }, { ...nobody, ...constraints }) === undefined;
}

test('the reserve serves pods that nothing is known of, and attachments without a pod', () => {
  expect(serves({}, {})).toBe(true);
  expect(serves(undefined, { namespaces: ['*'], labels: true, podLabels: ['tier'] })).toBe(true);
});

test('who wants an address or a MAC, or keeps one, asks the server', () => {
  const words = (more: object) => whyNotAny({ ...request, pod, ...more }, nobody);
  expect(words({ addresses: ['10.9.0.7'] })).toBe('it wants addresses by name');
  expect(words({ addresses: [] })).toBeUndefined();
  expect(words({ mac: '02:00:00:00:00:01' })).toBe('it wants a MAC of its own');
  expect(words({ pod: { ...pod, sticky: 'pod' } })).toMatch(/^it keeps its addresses/);
});

test('before the server has told whom the reserve is not for, everybody asks', () => {
  expect(whyNotAny({ ...request, pod }, undefined)).toMatch(/has not told yet/);
  expect(whyNotAny({ ...request, pod }, { version: 'v1' })).toMatch(/has not told yet/);
  const trial = new Trial();
  trial.stock({ '10.9.0.7': 'lan' }, { constraints: { version: 'v9' } });
  expect(trial.given(1)).toBe('ask');
});

test('a pod with a reservation asks, and others of its namespace don’t', () => {
  expect(serves({}, { pods: ['shop/web-0'] })).toBe(false);
  expect(serves({}, { pods: ['shop/web-1', 'other/web-0'] })).toBe(true);
});

describe('a workload with a reservation', () => {
  const owners = ['shop/StatefulSet/web', 'db/Deployment/pg'];
  test.each<[string, boolean, Partial<Pod>]>([
    ['its own pod asks', false, { owner: { kind: 'StatefulSet', name: 'web' } }],
    ['a pod of another workload doesn’t', true, { owner: { kind: 'StatefulSet', name: 'shop' } }],
    ['one of the same name in another kind doesn’t', true, { owner: { kind: 'DaemonSet', name: 'web' } }],
    ['a pod of its namespace whose owner isn’t known asks', false, {}],
    ['a pod of another namespace doesn’t', true, { namespace: 'shopping' }],
    [
      'a ReplicaSet of the Deployment asks',
      false,
      { namespace: 'db', owner: { kind: 'ReplicaSet', name: 'pg-5d8f' } },
    ],
    [
      'a ReplicaSet of another doesn’t',
      true,
      { namespace: 'db', owner: { kind: 'ReplicaSet', name: 'pgx-5d8f' } },
    ],
    [
      'the owner’s own namespace counts',
      false,
      { owner: { kind: 'Deployment', name: 'pg', namespace: 'db' } },
    ],
  ])('%s', (_, isServed, who) => expect(serves(who, { owners })).toBe(isServed));
});

test('a namespace that a range serves asks: the whole name is compared, * stands for any characters', () => {
  expect(serves({}, { namespaces: ['sh*'] })).toBe(false);
  expect(serves({}, { namespaces: ['shop'] })).toBe(false);
  expect(serves({}, { namespaces: ['hop', 'shop-*', '*-shop'] })).toBe(true);
});

describe('where ranges ask for labels', () => {
  const byPod = { labels: true, podLabels: ['tier'] };
  const byBoth = { labels: true, podLabels: ['tier'], namespaceLabels: ['team'] };
  test.each<[string, boolean, Partial<Pod>, Partial<Constraints>]>([
    ['a pod whose labels aren’t known asks', false, {}, byPod],
    ['a pod with the label asks, whatever its value', false, { labels: { tier: 'x' } }, byPod],
    ['a pod without it doesn’t', true, { labels: { app: 'x' } }, byPod],
    [
      'nor is a label there that every object inherits',
      true,
      { labels: {} },
      { labels: true, podLabels: ['toString'] },
    ],
    ['a namespace whose labels aren’t known asks', false, { labels: {} }, byBoth],
    ['a namespace with the label asks', false, { labels: {}, namespaceLabels: { team: 'a' } }, byBoth],
    ['neither label: served', true, { labels: {}, namespaceLabels: {} }, byBoth],
  ])('%s', (_, isServed, who, constraints) => expect(serves(who, constraints)).toBe(isServed));

  test('and doesn’t tell which, all ask whose labels it might be', () => {
    const { podLabels: _, namespaceLabels: __, ...older } = nobody;
    const all = { labels: { app: 'x' }, namespaceLabels: { team: 'a' } };
    expect(whyNotAny({ ...request, pod: { ...pod, ...all } }, { ...older, labels: true })).toMatch(/labels/);
  });
});

test('the same version again leaves the constraints as they are; another one counts', () => {
  const trial = new Trial();
  trial.stock({ '10.9.0.7': 'lan', '10.9.0.8': 'lan' }, { constraints: { ...nobody, pods: ['shop/web-1'] } });
  trial.grant({}, { constraints: { version: 'v1' } });
  expect(trial.given(1)).toBe('ask');
  trial.grant({}, { constraints: { ...nobody, version: 'v2' } });
  expect(trial.given(1)).toEqual(['10.9.0.7']);
});
