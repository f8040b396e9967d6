import { nodeObjectOf } from './node-object.ts';
import { nodesBehind } from './turn.ts';

const managed = {
  labels: { 'realip.io/zone': 'real', 'realip.io/zone-type': 'macvlan' },
  annotations: { 'realip.io/managed-by': 'realip-ipam-server' },
};
const taints = [{ key: 'realip.io/zone-type', value: 'macvlan', effect: 'NoSchedule' }];
const node = (count: string, metadata: object = managed) => {
  const amount = { 'realip.io/ip': count };
  return nodeObjectOf({ metadata, spec: { taints }, status: { capacity: amount, allocatable: amount } });
};
const real = (pods: number) => ({ zone: 'real', type: 'macvlan' as const, pods });

test('nodes without their zone come first, then those that err most by what is free', () => {
  const nodes = new Map([
    ['right', node('10')],
    ['little', node('1000')],
    ['full', node('11')],
    ['new', node('10', {})],
  ]);
  const wanted = new Map([
    ['right', real(10)],
    ['little', real(990)],
    ['full', real(10)],
    ['new', real(10)],
  ]);
  const capacities = new Map([
    ['right', { total: 10, free: 0 }],
    ['little', { total: 990, free: 980 }],
    ['full', { total: 10, free: 0 }],
    ['new', { total: 10, free: 5 }],
  ]);
  expect(nodesBehind(nodes, wanted, capacities).map(({ name }) => name)).toEqual(['new', 'full', 'little']);
});

test('nodes that leave the ledger are told, unless the ledger knows none at all', () => {
  const nodes = new Map([['left', node('10')]]);
  const others = new Map([['n1', real(1)]]);
  expect(nodesBehind(nodes, others, new Map()).map(({ name }) => name)).toEqual(['left']);
  expect(nodesBehind(nodes, new Map(), new Map())).toEqual([]);
});
