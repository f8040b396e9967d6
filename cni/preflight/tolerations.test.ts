import { intolerant, taintsOf } from './tolerations.ts';

const node = (taints?: object[]) => ({
  metadata: { labels: { 'kubernetes.io/os': 'linux' } },
  spec: { taints },
});
const taint = { key: 'realip.io/zone-type', value: 'macvlan', effect: 'NoSchedule' };
const set = (tolerations: object[] | undefined, nodeSelector: object = {}) => ({
  items: [
    {
      metadata: { namespace: 'kube-system', name: 'x' },
      spec: { template: { spec: { nodeSelector, tolerations } } },
    },
  ],
});

test('a node that is not tainted yet is judged by the usual taint', () => {
  expect(taintsOf(node())).toEqual([taint]);
  expect(taintsOf(node([{ key: 'other', effect: 'NoSchedule' }]))).toEqual([taint]);
  const own = { ...taint, value: 'lan-2' };
  expect(taintsOf(node([own, { ...taint, effect: 'PreferNoSchedule' }]))).toEqual([own]);
});

test.each([
  [undefined],
  [[]],
  [[{ key: 'realip.io/zone-type', operator: 'Equal', value: 'overlay', effect: 'NoSchedule' }]],
  [[{ key: 'realip.io/zone-type', operator: 'Exists', effect: 'NoExecute' }]],
  [[{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }]],
])('a DaemonSet with the tolerations %j is kept away', (tolerations) => {
  expect(intolerant(set(tolerations), node(), [taint])).toEqual(['kube-system/x']);
});

test.each([
  [[{ operator: 'Exists' }]],
  [[{ key: 'realip.io/zone-type', operator: 'Exists' }]],
  [[{ key: 'realip.io/zone-type', value: 'macvlan' }]],
  [[{ operator: 'Exists', effect: 'NoSchedule' }]],
])('one with %j is not', (tolerations) => {
  expect(intolerant(set(tolerations), node(), [taint])).toEqual([]);
});

test('one that is meant for other nodes is not asked for', () => {
  expect(intolerant(set([], { 'kubernetes.io/os': 'windows' }), node(), [taint])).toEqual([]);
});

test('what is no list, and no node, makes nobody stumble', () => {
  expect(intolerant('x', undefined, taintsOf(7))).toEqual([]);
});
