import type { V1Pod } from '@kubernetes/client-node';
import { AskedPods } from './asked-pods.ts';

const pod = (name: string, node: string, count: string | null, spec: object = {}): V1Pod => ({
  metadata: { namespace: 'shop', name },
  spec: {
    nodeName: node,
    containers: [
      { name: 'c', ...(count === null ? {} : { resources: { requests: { 'realip.io/ip': count } } }) },
    ],
    ...spec,
  },
});
const onN1 = (pods: AskedPods) => Object.fromEntries(pods.on('n1'));

test('only pods that ask for none or several are remembered, and not those with their host’s network', () => {
  const pods = new AskedPods();
  pods.put(pod('usual', 'n1', '1'));
  pods.put(pod('daemon', 'n1', null));
  pods.put(pod('twice', 'n1', '2'));
  pods.put(pod('elsewhere', 'n2', null));
  pods.put(pod('host', 'n1', null, { hostNetwork: true }));
  expect(onN1(pods)).toEqual({ 'shop/daemon': 0, 'shop/twice': 2 });
});

test('a pod that goes or comes again elsewhere counts as a change of its nodes, other news as none', () => {
  const pods = new AskedPods();
  pods.put(pod('a', 'n1', null));
  const [n1, n2] = [pods.changesOn('n1'), pods.changesOn('n2')];
  pods.put(pod('a', 'n1', null));
  pods.put(pod('usual', 'n1', '1'));
  pods.remove(pod('usual', 'n1', '1'));
  expect([pods.changesOn('n1'), pods.changesOn('n2')]).toEqual([n1, n2]);
  pods.put(pod('a', 'n2', null));
  expect(pods.changesOn('n1')).toBeGreaterThan(n1);
  expect(pods.changesOn('n2')).toBeGreaterThan(n2);
  pods.remove(pod('a', 'n2', null));
  expect([...pods.on('n2')]).toEqual([]);
});

test('a new list stands for all that was known, once it is complete', () => {
  const pods = new AskedPods();
  pods.put(pod('old', 'n1', null));
  const before = pods.changesOn('n1');
  pods.begin();
  pods.put(pod('new', 'n1', null));
  expect(onN1(pods)).toEqual({ 'shop/old': 0 });
  pods.end();
  expect(onN1(pods)).toEqual({ 'shop/new': 0 });
  expect(pods.changesOn('n1')).toBeGreaterThan(before);
});
