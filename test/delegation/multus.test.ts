import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { IpamServer } from '../kernel/ipam.ts';
import { Network } from '../kernel/network.ts';
import { type Answer, Plugin } from '../kernel/plugin.ts';
import { upstream } from './delegating.ts';
import { realipIpam } from './upstream.ts';

// Multus gives a pod eth0 by the cluster's own network and then net1, net2, … each by its own configuration; DEL goes
// the other way round. All calls have the same container id.

let network: Network;
let storage: Host;
let ipam: IpamServer;
/** The cluster's own network: eth0. */
let cluster: Plugin;
/** Networks of realip, on two masters. */
let lan: Plugin;
let san: Plugin;
let pod: Host;

const id = 'pod';
const shared = dirname(mkdtempSync(join(tmpdir(), 'realip-multus-')));

beforeEach(async () => {
  network = new Network();
  // A second uplink of the node, to a network of its own.
  storage = network.pod('san');
  storage.ip(`link add eth0 type veth peer name eth1 netns ${network.node.name}`);
  storage.ip('address add 10.8.0.99/16 dev eth0');
  storage.ip('link set eth0 up');
  network.node.ip('address add 10.8.0.11/16 dev eth1');
  network.node.ip('link set eth1 up');
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.1', end: '10.9.1.9' });
  ipam.put('/v1/subnets/san', { zone: 'real', cidr: '10.8.0.0/16', cooldownSeconds: 0 });
  ipam.put('/v1/ranges/san-n1', { subnet: 'san', node: 'n1', start: '10.8.1.1', end: '10.8.1.9' });
  lan = new Plugin(network.node, { name: 'lan', ipam: { subnet: 'lan' } });
  san = new Plugin(network.node, { name: 'san', master: 'eth1', ipam: { subnet: 'san' } });
  cluster = new Plugin(network.node, {
    name: 'cluster',
    type: 'bridge',
    bridge: 'cni0',
    isDefaultGateway: true,
  });
  cluster.conf['ipam'] = {
    type: 'host-local',
    dataDir: mkdtempSync(join(shared, 'realip-cluster-')),
    ranges: [[{ subnet: '10.244.0.0/24' }]],
  };
  pod = network.pod('pod');
});

afterEach(async () => {
  await ipam?.stop();
  network?.remove();
});

const viaBridge = { program: join(upstream, 'bridge'), env: { CNI_PATH: upstream } };
const addressOf = ({ json }: Answer): string => json.ips[0].address.replace(/\/.*/, '');
const hostRoutes = () =>
  network.node
    .ask('route show proto 82')
    .map(({ dst, dev }: { dst: string; dev: string }) => `${dst} ${dev}`);
const shimOf = (master: string) => `realip${network.node.ask(`link show ${master}`)[0].ifindex}`;
const interfaces = () => pod.ask('link show').map(({ ifname }: { ifname: string }) => ifname);

function added(answer: Answer): Answer {
  expect(answer.json?.msg).toBe(undefined);
  return answer;
}

function check(plugin: Plugin, ifname: string, { json: prevResult }: Answer): void {
  const answer = plugin.call({ command: 'CHECK', id, netns: pod.path, ifname, conf: { prevResult } });
  expect(answer).toMatchObject({ status: 0, stdout: '' });
}

function del(plugin: Plugin, ifname: string, { json: prevResult }: Answer, netns = pod.path): void {
  const answer = plugin.call({ command: 'DEL', id, netns, ifname, conf: { prevResult } });
  expect(answer).toMatchObject({ status: 0, stdout: '', stderr: '' });
}

test('eth0 by the cluster’s network, three further interfaces in two networks of realip, and all of it back', () => {
  added(cluster.add(id, pod, viaBridge));
  const net1 = added(lan.add(id, pod, { ifname: 'net1' }));
  const net2 = added(san.add(id, pod, { ifname: 'net2' }));
  const net3 = added(lan.add(id, pod, { ifname: 'net3' }));
  const [ip1, ip2, ip3] = [net1, net2, net3].map(addressOf) as [string, string, string];
  expect(interfaces()).toEqual(['lo', 'eth0', 'net1', 'net2', 'net3']);
  expect(ipam.allocated().toSorted()).toEqual([ip1, ip2, ip3].toSorted());
  // The default route stays the first interface's; each of the others has its way to its network and to the node.
  expect(pod.ask('route get 192.0.2.1')).toMatchObject([{ dev: 'eth0', gateway: '10.244.0.1' }]);
  expect(pod.ask('route get 10.8.0.99')).toMatchObject([{ dev: 'net2' }]);
  expect(hostRoutes().toSorted()).toEqual(
    [`${ip1} ${shimOf('eth0')}`, `${ip2} ${shimOf('eth1')}`, `${ip3} ${shimOf('eth0')}`].toSorted(),
  );
  for (const ip of [ip1, ip2, ip3]) {
    expect(network.node.reaches(ip)).toBe(true);
  }
  expect(network.other.reaches(ip1)).toBe(true);
  expect(network.other.reaches(ip3)).toBe(true);
  expect(storage.reaches(ip2)).toBe(true);
  for (const ip of ['10.9.0.11', '10.8.0.11', '10.9.0.99', '10.8.0.99']) {
    expect(pod.reaches(ip)).toBe(true);
  }
  check(lan, 'net1', net1);
  check(san, 'net2', net2);
  check(lan, 'net3', net3);

  del(lan, 'net3', net3);
  expect(interfaces()).toEqual(['lo', 'eth0', 'net1', 'net2']);
  expect(ipam.allocated().toSorted()).toEqual([ip1, ip2].toSorted());
  check(lan, 'net1', net1);
  check(san, 'net2', net2);
  expect(network.other.reaches(ip1)).toBe(true);
  expect(network.node.reaches(ip1)).toBe(true);
  del(san, 'net2', net2);
  check(lan, 'net1', net1);
  del(lan, 'net1', net1);
  expect(ipam.allocated()).toEqual([]);
  expect(hostRoutes()).toEqual([]);
  expect(pod.ask('route get 192.0.2.1')).toMatchObject([{ dev: 'eth0' }]);
  expect(cluster.del(id, pod.path, viaBridge).status).toBe(0);
  expect(interfaces()).toEqual(['lo']);
});

test('the first of two interfaces in one network goes, the second lives on with its own way', () => {
  const net1 = added(lan.add(id, pod, { ifname: 'net1' }));
  const net2 = added(lan.add(id, pod, { ifname: 'net2' }));
  del(lan, 'net1', net1);
  check(lan, 'net2', net2);
  expect(network.node.reaches(addressOf(net2))).toBe(true);
  expect(network.other.reaches(addressOf(net2))).toBe(true);
  expect(pod.reaches('10.9.0.11')).toBe(true);
  expect(pod.ask('route get 192.0.2.1')).toMatchObject([{ dev: 'net2', gateway: '10.9.0.1' }]);
  expect(ipam.allocated()).toEqual([addressOf(net2)]);
  // Its interface's name may be used again.
  const again = added(lan.add(id, pod, { ifname: 'net1' }));
  check(lan, 'net1', again);
  check(lan, 'net2', net2);
});

test('the sandbox has gone: DELs without it, in reverse order, twice, free each its own', () => {
  const net1 = added(lan.add(id, pod, { ifname: 'net1' }));
  const net2 = added(san.add(id, pod, { ifname: 'net2' }));
  pod.remove();
  del(san, 'net2', net2, '');
  expect(ipam.allocated()).toEqual([addressOf(net1)]);
  expect(hostRoutes()).toEqual([`${addressOf(net1)} ${shimOf('eth0')}`]);
  del(lan, 'net1', net1, '');
  expect(ipam.allocated()).toEqual([]);
  expect(hostRoutes()).toEqual([]);
  for (const [plugin, ifname] of [
    [san, 'net2'],
    [lan, 'net1'],
  ] as const) {
    expect(plugin.call({ command: 'DEL', id, netns: '', ifname }).status).toBe(0);
  }
});

test('an interface of the same name in two networks: the second ADD fails, the first one stays', () => {
  const net1 = added(lan.add(id, pod, { ifname: 'net1' }));
  expect(san.add(id, pod, { ifname: 'net1' }).json).toMatchObject({ code: 101 });
  // Multus calls DEL for what has failed.
  expect(san.call({ command: 'DEL', id, netns: pod.path, ifname: 'net1' }).status).toBe(0);
  check(lan, 'net1', net1);
  expect(ipam.allocated()).toEqual([addressOf(net1)]);
});

test('GC of one network leaves the pod’s interfaces in others alone', () => {
  const net1 = added(lan.add(id, pod, { ifname: 'net1' }));
  added(san.add(id, pod, { ifname: 'net2' }));
  const conf = { cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
  expect(san.call({ command: 'GC', id: '', netns: '', conf })).toMatchObject({ status: 0, stdout: '' });
  expect(interfaces()).toEqual(['lo', 'net1']);
  check(lan, 'net1', net1);
  expect(ipam.allocated()).toEqual([addressOf(net1)]);
});

test('upstream macvlan with realip-ipam as a second network of a pod of realip', () => {
  const eth0 = added(lan.add(id, pod));
  const conf = { name: 'san', type: 'macvlan', master: 'eth1', mode: 'bridge', ipam: { subnet: 'san' } };
  const macvlan = new Plugin(network.node, conf);
  const call = { program: join(upstream, 'macvlan'), ifname: 'net1', env: { CNI_PATH: dirname(realipIpam) } };
  const net1 = added(macvlan.add(id, pod, call));
  expect(storage.reaches(addressOf(net1))).toBe(true);
  check(lan, 'eth0', eth0);
  expect(macvlan.del(id, pod.path, { ...call, conf: { prevResult: net1.json } }).status).toBe(0);
  expect(ipam.allocated()).toEqual([addressOf(eth0)]);
  check(lan, 'eth0', eth0);
});
