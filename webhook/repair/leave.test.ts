import { leaveOf } from './leave.ts';
import type { Finding } from './standing.ts';
import type { StoredPod } from './stored-pod.ts';

const repair = { evict: ['unplaced'] as const, namespaces: ['shop-*'], afterMs: 60_000 };
const finding: Finding = { flaws: ['unplaced', 'wrong-zone'], zone: null, by: 'default', refusal: null };
const stored: StoredPod = {
  namespace: 'shop-a',
  name: 'web-0',
  uid: 'u',
  pod: { spec: {} },
  node: 'n1',
  created: 0,
  controller: { kind: 'ReplicaSet', name: 'web', uid: 'r' },
  isEnding: false,
  isDone: false,
  isReady: true,
  hasClaims: false,
  addresses: 0,
};

test('a pod that the policy lets go, and that comes back by itself, is not left', () => {
  expect(leaveOf(stored, finding, repair, 60_000)).toBeNull();
});

test.each<[string, string, Partial<StoredPod>, Partial<Finding>, object]>([
  ['without the policy’s word', 'not-asked', {}, {}, { evict: [] }],
  ['with another flaw than the policy names', 'not-asked', {}, { flaws: ['wrong-zone'] }, {}],
  ['that nothing is wrong with but the note', 'not-asked', {}, { flaws: ['harmless'] }, {}],
  ['in another namespace', 'namespace', { namespace: 'kube-system' }, {}, {}],
  ['of an older policy', 'outdated', {}, { flaws: ['outdated'] }, { evict: ['unplaced', 'wrong-zone'] }],
  ['whose replacement would be refused', 'refused', {}, { refusal: 'two zones' }, {}],
  ['without a controller', 'bare', { controller: null }, {}, {}],
  ['of a Job', 'job', { controller: { kind: 'Job', name: 'j', uid: 'j' } }, {}, {}],
  ['with persistent volumes', 'volumes', { hasClaims: true }, {}, {}],
  ['that is young', 'too-young', { created: 1 }, {}, {}],
])('a pod %s is left', (_, leave, pod, found, asked) => {
  expect(leaveOf({ ...stored, ...pod }, { ...finding, ...found }, { ...repair, ...asked }, 60_000)).toBe(
    leave,
  );
});
