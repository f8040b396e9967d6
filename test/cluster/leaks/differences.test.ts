import { differencesIn } from './differences.ts';
import type { Picture, SeenNode, SeenPod } from './picture.ts';

const ip = '10.9.1.7';
const mac = '0a:58:0a:09:01:07';
const shim = { name: 'realip2', kind: 'macvlan', mac: '02:00:00:00:00:01', addresses: [] };
const eth0 = (address: string) => ({ name: 'eth0', kind: 'macvlan', mac, addresses: [address] });

const node: SeenNode = {
  name: 'mac-1',
  links: [{ name: 'eth0', kind: 'veth', mac: '02:00:00:00:00:02', addresses: ['10.9.0.11'] }, shim],
  routes: [{ address: ip, device: 'realip2' }],
  neighbours: [
    { address: ip, device: 'realip2', mac },
    { address: '10.244.2.0', device: 'flannel.1', mac: '02:00:00:00:00:03' },
  ],
  proxies: [],
  namespaces: [{ name: '/run/netns/a', links: [eth0(ip)] }],
};

const other: SeenNode = {
  name: 'mac-2',
  links: [shim],
  routes: [],
  neighbours: [],
  proxies: [],
  namespaces: [],
};

const allocation = { node: 'mac-1', containerId: 'c1', pod: 'shop/web', mac, addresses: [ip] };

const sound: Picture = {
  subnets: ['10.9.0.0/16'],
  realNodes: ['mac-1', 'mac-2'],
  pods: [
    { name: 'shop/web', node: 'mac-1', hostNetwork: false, phase: 'running', addresses: [ip] },
    { name: 'shop/done', node: 'mac-1', hostNetwork: false, phase: 'over', addresses: ['10.9.1.9'] },
    {
      name: 'kube-system/proxy',
      node: 'mac-1',
      hostNetwork: true,
      phase: 'running',
      addresses: ['10.9.0.11'],
    },
    { name: 'shop/waits', hostNetwork: false, phase: 'starting', addresses: [] },
  ],
  allocations: [allocation],
  states: [
    { address: ip, state: 'allocated' },
    { address: '10.9.1.8', state: 'cooling' },
    { address: '10.9.1.10', state: 'warm' },
    { address: '10.9.0.11', state: 'reserved' },
  ],
  nodes: [node, other],
};

const on = (changed: Partial<SeenNode>): Partial<Picture> => ({ nodes: [{ ...node, ...changed }, other] });
const there = (changed: Partial<SeenNode>): Partial<Picture> => ({ nodes: [node, { ...other, ...changed }] });

test('where ledger, kernels and API server agree there is no difference', () => {
  expect(differencesIn(sound)).toEqual([]);
});

test('a node that is off has no kernel to be asked', () => {
  expect(differencesIn({ ...sound, nodes: [other] })).toEqual([]);
});

const stranger = { address: '10.9.1.99', device: 'realip2' };
const web = sound.pods[0] as SeenPod;
const pods = [web];

const planted: readonly (readonly [string, Partial<Picture>, readonly string[]])[] = [
  [
    'an allocation without pod',
    {
      allocations: [
        allocation,
        { ...allocation, containerId: 'c9', pod: undefined, addresses: ['10.9.1.99'] },
      ],
      states: [...sound.states, { address: '10.9.1.99', state: 'allocated' }],
    },
    ['the ledger holds 10.9.1.99 for nobody on mac-1 (c9): no such pod has it'],
  ],
  [
    'an allocation of a pod that is over',
    {
      allocations: [allocation, { ...allocation, pod: 'shop/done', addresses: ['10.9.1.9'] }],
      states: [...sound.states, { address: '10.9.1.9', state: 'allocated' }],
    },
    ['the ledger holds 10.9.1.9 for shop/done on mac-1 (c1): no such pod has it'],
  ],
  [
    'a pod that the ledger does not know',
    { allocations: [], states: [] },
    ['the ledger has 10.9.1.7 of the pod shop/web 0 times'],
  ],
  [
    'an allocation of another pod of the node',
    { allocations: [{ ...allocation, pod: 'shop/else' }] },
    ['the ledger gives 10.9.1.7 of the pod shop/web to shop/else on mac-1'],
  ],
  [
    'an address allocated by the map alone',
    { states: [...sound.states, { address: '10.9.1.99', state: 'allocated' }] },
    ['10.9.1.99 is allocated by the ledger’s map, and not allocated by its list'],
  ],
  [
    'an address that rests while a pod has it',
    { states: [{ address: ip, state: 'cooling' }] },
    ['10.9.1.7 is cooling by the ledger’s map, and allocated by its list'],
  ],
  [
    'a quarantine',
    { states: [...sound.states, { address: '10.9.1.99', state: 'quarantined' }] },
    ['10.9.1.99 is in quarantine'],
  ],
  [
    'two pods with one address',
    { pods: [...pods, { ...web, name: 'shop/twin' }] },
    [
      'the ledger gives 10.9.1.7 of the pod shop/twin to shop/web on mac-1',
      'the pods shop/web and shop/twin both have 10.9.1.7',
    ],
  ],
  [
    'a pod that is ending',
    { pods: [...pods, { ...web, name: 'shop/old', phase: 'ending', addresses: [] }] },
    ['the pod shop/old on mac-1 is ending'],
  ],
  [
    'a route',
    on({ routes: [...node.routes, stranger] }),
    ['mac-1 has a route for 10.9.1.99 by realip2, which no pod has'],
  ],
  [
    'a route on another node',
    there({ routes: node.routes }),
    ['mac-2 has a route for 10.9.1.7 by realip2, which no pod has'],
  ],
  [
    'a permanent neighbour',
    on({ neighbours: [...node.neighbours, stranger] }),
    ['mac-1 has a permanent neighbour for 10.9.1.99 by realip2, which no pod has'],
  ],
  [
    'a proxy entry',
    on({ proxies: [stranger] }),
    ['mac-1 has a proxy entry for 10.9.1.99 by realip2, which no pod has'],
  ],
  ['a lost route', on({ routes: [] }), ['mac-1 has 0 times a route for 10.9.1.7 of the pod shop/web']],
  [
    'a neighbour with another MAC',
    on({ neighbours: [{ address: ip, device: 'realip2', mac: shim.mac }] }),
    ['mac-1 looks for 10.9.1.7 of the pod shop/web at 02:00:00:00:00:01, and it is at 0a:58:0a:09:01:07'],
  ],
  [
    'an interface with another MAC than the ledger’s',
    { allocations: [{ ...allocation, mac: shim.mac }] },
    ['10.9.1.7 of the pod shop/web has the MAC 0a:58:0a:09:01:07, and in the ledger 02:00:00:00:00:01'],
  ],
  [
    'a draft of a pod’s interface on the node',
    on({ links: [...node.links, { ...shim, name: 'tmp7' }] }),
    ['mac-1 has a macvlan tmp7 that serves no pod'],
  ],
  [
    'a pair whose pod is gone',
    on({ links: [...node.links, { ...shim, kind: 'veth', name: 'realip77' }] }),
    ['mac-1 has a veth realip77 that serves no pod'],
  ],
  [
    'the namespace of a pod that is gone',
    on({ namespaces: [...node.namespaces, { name: '/run/netns/b', links: [eth0('10.9.1.99')] }] }),
    ['mac-1 in /run/netns/b: eth0 has 10.9.1.99, which no pod has'],
  ],
  [
    'an interface that was never finished',
    on({ namespaces: [...node.namespaces, { name: '/run/netns/b', links: [{ ...shim, name: 'eth0' }] }] }),
    ['mac-1 in /run/netns/b: the interface eth0 has no address'],
  ],
  [
    'a twin on another node',
    there({ namespaces: [{ name: '/run/netns/t', links: [eth0(ip)] }] }),
    [
      '10.9.1.7 of the pod shop/web is in 2 network namespaces /run/netns/a on mac-1, /run/netns/t on mac-2',
      'mac-2 in /run/netns/t: eth0 has 10.9.1.7, which no pod has',
    ],
  ],
  [
    'a pod without interface',
    on({ namespaces: [] }),
    ['10.9.1.7 of the pod shop/web is in 0 network namespaces'],
  ],
];

test.each(planted)('%s is told', (_, changed, differences) => {
  expect(differencesIn({ ...sound, ...changed })).toEqual(differences);
});
