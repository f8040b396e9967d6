import { changeOf, nodeObjectOf, type WantedNode } from './node-object.ts';

const managed = { 'realip.io/managed-by': 'realip-ipam-server' };
const labels = { 'realip.io/zone': 'real', 'realip.io/zone-type': 'macvlan' };
const taint = { key: 'realip.io/zone-type', value: 'macvlan', effect: 'NoSchedule' };
const amount = (count: string) => ({
  capacity: { 'realip.io/ip': count },
  allocatable: { 'realip.io/ip': count },
});
const real: WantedNode = { zone: 'real', type: 'macvlan', pods: 3 };
const overlay: WantedNode = { zone: 'overlay', type: 'overlay', pods: null };

const asWanted = {
  metadata: { labels, annotations: managed, resourceVersion: '7' },
  spec: { taints: [taint] },
  status: amount('3'),
};

test('a new node of a macvlan zone gets labels, mark, taint and capacity', () => {
  const node = nodeObjectOf({ metadata: { resourceVersion: '7', labels: { other: 'x' } } });
  expect(changeOf(node, real)).toEqual({
    status: { status: amount('3') },
    object: {
      metadata: { labels, annotations: managed, resourceVersion: '7' },
      spec: { taints: [taint] },
    },
  });
});

test('what is as it should be is not written, however the API server spells it', () => {
  expect(changeOf(nodeObjectOf(asWanted), real)).toEqual({ status: null, object: null });
  const thousands = { ...asWanted, status: amount('2k') };
  expect(changeOf(nodeObjectOf(thousands), { ...real, pods: 2_000 }).status).toBeNull();
});

test('capacity and allocatable are both written when one of them differs', () => {
  const status = { capacity: { 'realip.io/ip': '3' }, allocatable: { 'realip.io/ip': '0' } };
  expect(changeOf(nodeObjectOf({ ...asWanted, status }), real).status).toEqual({ status: amount('3') });
});

test('other taints stay, those of our key with another value among them', () => {
  const others = [
    { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
    { key: 'realip.io/zone-type', value: 'overlay', effect: 'NoSchedule' },
  ];
  const tainted = nodeObjectOf({ ...asWanted, spec: { taints: [...others, taint] } });
  expect(changeOf(tainted, real).object).toBeNull();
  expect(changeOf(tainted, overlay).object).toMatchObject({ spec: { taints: others } });
  const bare = nodeObjectOf({ ...asWanted, spec: { taints: others } });
  expect(changeOf(bare, real).object).toMatchObject({ spec: { taints: [...others, taint] } });
});

test('a node that goes to an overlay zone has no addresses any more', () => {
  expect(changeOf(nodeObjectOf(asWanted), overlay)).toEqual({
    status: { status: amount('0') },
    object: {
      metadata: {
        labels: { 'realip.io/zone': 'overlay', 'realip.io/zone-type': 'overlay' },
        annotations: managed,
        resourceVersion: '7',
      },
      spec: { taints: [] },
    },
  });
  expect(changeOf(nodeObjectOf({ metadata: {} }), overlay).status).toBeNull();
});

test('of a node that the ledger does not know, only what this server wrote is taken away', () => {
  const gone = { labels: { 'realip.io/zone': null, 'realip.io/zone-type': null } };
  expect(changeOf(nodeObjectOf(asWanted), null)).toMatchObject({
    status: { status: amount('0') },
    object: { metadata: { ...gone, annotations: { 'realip.io/managed-by': null } }, spec: { taints: [] } },
  });
  const byHand = { ...asWanted, metadata: { labels } };
  expect(changeOf(nodeObjectOf(byHand), null)).toEqual({ status: null, object: null });
});

test('a zone whose name is too long for a label is not told, its type is', () => {
  const zone = 'z'.repeat(64);
  const { object } = changeOf(nodeObjectOf({ ...asWanted, metadata: {} }), { ...real, zone });
  expect(object).toMatchObject({
    metadata: { labels: { 'realip.io/zone': null, 'realip.io/zone-type': 'macvlan' } },
  });
});
