import { exemptionOf } from './exemption.ts';
import type { Pod } from './pod.ts';

const spec = { containers: [{}] };

test.each<[string, Pod, string]>([
  ['hostNetwork', { spec: { ...spec, hostNetwork: true } }, 'host-network'],
  ['mirror', { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec }, 'mirror'],
  ['DaemonSet-owned', { metadata: { ownerReferences: [{ kind: 'DaemonSet' }] }, spec }, 'daemonset'],
  ['bound', { spec: { ...spec, nodeName: 'n1' } }, 'bound'],
  ['opted out by label', { metadata: { labels: { 'realip.io/inject': 'false' } }, spec }, 'opted-out'],
  [
    'opted out by annotation',
    { metadata: { annotations: { 'realip.io/inject': 'false' } }, spec },
    'opted-out',
  ],
])('a pod that is %s is kept away from', (_, pod, reason) => {
  expect(exemptionOf(pod, 'shop')).toBe(reason);
});

test('realip’s own namespace is kept away from', () => {
  expect(exemptionOf({ spec }, 'realip-system')).toBe('own-namespace');
});

test.each<[string, Pod]>([
  ['nothing special', { spec }],
  ['nulls', { metadata: null, spec: { nodeName: null, hostNetwork: null, containers: null } }],
  ['an empty nodeName', { spec: { ...spec, nodeName: '' } }],
  ['another owner', { metadata: { ownerReferences: [{ kind: 'ReplicaSet' }] }, spec }],
  ['inject: "true"', { metadata: { labels: { 'realip.io/inject': 'true' } }, spec }],
])('a pod with %s is not exempt', (_, pod) => {
  expect(exemptionOf(pod, 'shop')).toBeNull();
});
