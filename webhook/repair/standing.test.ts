import { loadPolicy } from '../policy/load.ts';
import type { Policy } from '../policy/policy.ts';
import type { RawPod } from './raw-pod.ts';
import { findingOf } from './standing.ts';
import { type StoredNode, storedNode } from './stored-node.ts';
import { storedPod } from './stored-pod.ts';

function policyOf(text: string): Policy {
  const loaded = loadPolicy(text);
  if (!loaded.ok) {
    throw new Error(JSON.stringify(loaded.errors));
  }
  return loaded.policy;
}

const policy = policyOf(`
zones:
  overlay: {type: overlay, nodeSelector: {zone: overlay}}
  real: {type: macvlan, nodeSelector: {zone: real}, matchExpressions: [{key: rack, operator: NotIn, values: [old]}]}
rules:
  - {name: dns, match: {labels: {app: dns}}, zone: overlay}
  - {name: tools, match: {namespaces: [tools]}, zone: none}
default: real
`);

function node(labels: Record<string, string>): StoredNode {
  return storedNode({ metadata: { name: 'n1', labels } });
}

const overlay = node({ zone: 'overlay' });
const real = node({ zone: 'real' });

interface Wish {
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly placedBy?: string;
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
}

function raw({ namespace = 'shop', labels = {}, placedBy, metadata, spec, status = {} }: Wish): RawPod {
  return {
    metadata: {
      namespace,
      name: 'web-0',
      uid: 'u',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
      annotations: placedBy === undefined ? {} : { 'realip.io/placed-by': placedBy },
      ...metadata,
    },
    spec: { containers: [], nodeName: 'n1', ...spec },
    status,
  };
}

function flawsOf(wish: Wish, on: StoredNode | null, namespaceLabels: Record<string, string> = {}) {
  return findingOf(storedPod(raw(wish)), { policy, namespaceLabels, node: on })?.flaws ?? [];
}

test('a pod that the webhook placed, on a node of its zone, is fine', () => {
  expect(flawsOf({ placedBy: 'default' }, real)).toEqual([]);
});

test('a pod without the note of who placed it is unplaced, wherever it is', () => {
  expect(flawsOf({}, real)).toEqual(['unplaced']);
  expect(flawsOf({ spec: { nodeName: undefined } }, null)).toEqual(['unplaced']);
});

test('a business pod on the overlay is in the wrong zone, and so is a system pod on a real-IP node', () => {
  expect(flawsOf({}, overlay)).toEqual(['unplaced', 'wrong-zone']);
  expect(flawsOf({ labels: { app: 'dns' } }, real)).toEqual(['unplaced', 'wrong-zone']);
  expect(flawsOf({ labels: { app: 'dns' } }, overlay)).toEqual(['unplaced']);
});

test('a node that the zone’s expressions leave out is not of the zone', () => {
  expect(flawsOf({}, node({ zone: 'real', rack: 'old' }))).toEqual(['unplaced', 'wrong-zone']);
});

test('a pod on a node that nobody knows yet is not judged by it', () => {
  expect(flawsOf({ placedBy: 'default' }, null)).toEqual([]);
});

test('a pod that the webhook placed by an older policy is outdated', () => {
  const spec = { nodeSelector: { zone: 'overlay' } };
  expect(flawsOf({ placedBy: 'old-rule', spec }, overlay)).toEqual(['outdated']);
});

test('a placed pod whose node has changed its zone is in the wrong zone', () => {
  const spec = { nodeSelector: { zone: 'real' } };
  expect(flawsOf({ placedBy: 'default', spec }, overlay)).toEqual(['wrong-zone']);
});

test('where the policy leaves pods alone, one that was not seen is harmless on any node', () => {
  expect(flawsOf({ namespace: 'tools' }, overlay)).toEqual(['harmless']);
  expect(flawsOf({ namespace: 'tools' }, real)).toEqual(['harmless']);
  expect(flawsOf({ namespace: 'tools', placedBy: 'tools' }, real)).toEqual([]);
});

test('the namespace’s label has its say', () => {
  expect(flawsOf({}, overlay, { 'realip.io/zone': 'overlay' })).toEqual(['unplaced']);
});

test('a pod whose zone is not known today is told with the reason', () => {
  const labels = { 'realip.io/zone': 'moon' };
  const finding = findingOf(storedPod(raw({ labels })), { policy, namespaceLabels: {}, node: real });
  expect(finding).toMatchObject({ flaws: ['unplaced'], zone: null });
  expect(finding?.refusal).toContain('"moon"');
  expect(flawsOf({ labels, placedBy: 'pod' }, real)).toEqual(['outdated']);
});

test.each<[string, Wish]>([
  ['of the own namespace', { namespace: 'realip-system' }],
  ['with the network of the host', { spec: { hostNetwork: true } }],
  ['that mirrors a static one', { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } }],
  ['of a DaemonSet', { metadata: { ownerReferences: [{ kind: 'DaemonSet', name: 'd', uid: 'd' }] } }],
  ['that opted out', { labels: { 'realip.io/inject': 'false' } }],
  [
    'whose author chose the node',
    { metadata: { managedFields: [{ fieldsV1: { 'f:spec': { 'f:nodeName': {} } } }] } },
  ],
  ['on its way out', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
  ['that has succeeded', { status: { phase: 'Succeeded' } }],
  ['that has failed', { status: { phase: 'Failed' } }],
])('a pod %s is never found', (_, wish) => {
  expect(flawsOf(wish, overlay)).toEqual([]);
});
