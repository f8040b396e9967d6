import { Capture } from './capture.ts';
import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

const nodeIps = ['10.9.0.11', 'fd00:9::11'];
let network: Network;
let ipam: IpamServer;
let plugin: Plugin;
let count = 0;

beforeAll(async () => {
  network = new Network();
  const { node } = network;
  // The strictest setting of distributions: what comes in must be routed out the same way.
  node.sysctl('net/ipv4/conf/all/rp_filter', '1');
  // For mode passthru, which takes an interface whole: one more on the LAN.
  network.switch.ip(`link add second type veth peer name eth1 netns ${node.name}`);
  network.switch.ip('link set second master lan up');
  node.ip('link set eth1 up');
  ipam = await IpamServer.start(node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  ipam.prepareIpv6();
  plugin = new Plugin(node, { mode: 'private', hostRoutes: [`${nodeIps[0]}/32`, `${nodeIps[1]}/128`] });
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

function added(conf: object = {}) {
  const id = `p${++count}`;
  const pod = network.pod(id);
  pod.sysctl('net/ipv4/conf/default/rp_filter', '1');
  const { status, json } = plugin.add(id, pod, { conf });
  expect(status).toBe(0);
  const ips: string[] = json.ips.map(({ address }: { address: string }) => address.replace(/\/.*/, ''));
  return { id, pod, json, ips };
}

const names = (host: Host) => host.ask('link show').map(({ ifname }) => ifname);
const hostEnds = () => names(network.node).filter((name) => name.startsWith('realip'));

test.each([
  { mode: 'private' },
  { mode: 'vepa' },
  { mode: 'bridge', hostAccess: 'veth' },
  { mode: 'passthru', master: 'eth1' },
])('node and pod reach one another with %j, until DEL, and the LAN sees nothing of it', async (conf) => {
  const frames = await Capture.start(network.switch, 'lan', 'arp or ip or ip6');
  const { id, pod, json, ips } = added(conf);
  const ends = [...network.node.ask('link show type veth'), ...pod.ask('link show type veth')]
    .filter(({ ifname }) => ifname.startsWith('realip'))
    .map(({ address }) => address);
  expect(ends).toHaveLength(2);
  for (const [index, ip] of ips.entries()) {
    expect(network.node.reaches(ip)).toBe(true);
    expect(pod.reaches(nodeIps[index] ?? '')).toBe(true);
    expect(network.other.reaches(ip)).toBe(true);
    expect(network.node.ask(`route get ${ip}`)).toMatchObject([{ prefsrc: nodeIps[index] }]);
  }
  const lines = await frames.stop();
  expect(lines.filter((line) => ends.some((mac) => line.includes(mac)))).toEqual([]);
  expect(plugin.check(id, pod, json, conf)).toMatchObject({ status: 0, stdout: '' });
  expect(plugin.del(id, pod.path, { conf }).status).toBe(0);
  expect(names(pod)).toEqual(['lo']);
  expect(hostEnds()).toEqual([]);
  expect(network.node.ask('route show proto 82')).toEqual([]);
});

test('the pod’s interface is the result’s only one in the pod', () => {
  const { id, pod, json } = added();
  expect(json.interfaces).toMatchObject([{ name: 'eth0', sandbox: pod.path }]);
  plugin.del(id, pod.path);
});

test('two attachments of one pod have a pair each, and one outlives the other', () => {
  const { id, pod } = added();
  const { json } = plugin.add(id, pod, { ifname: 'net1' });
  const ip = json.ips[0].address.replace(/\/.*/, '');
  expect(hostEnds()).toHaveLength(2);
  expect(
    plugin.call({ command: 'CHECK', id, netns: pod.path, ifname: 'net1', conf: { prevResult: json } }).status,
  ).toBe(0);
  plugin.del(id, pod.path);
  expect(hostEnds()).toHaveLength(1);
  expect(network.node.reaches(ip)).toBe(true);
  expect(pod.reaches(nodeIps[0] ?? '')).toBe(true);
  plugin.del(id, pod.path, { ifname: 'net1' });
  expect(names(pod)).toEqual(['lo']);
});

const podEnd = (pod: Host): string => names(pod).find((name) => name.startsWith('realip')) ?? '';
const spoilt: [string, (pod: Host, ip: string) => void, string][] = [
  ['the pair is gone', (pod) => pod.ip(`link delete ${podEnd(pod)}`), 'between pod and host is gone'],
  ['the pod’s end is down', (pod) => pod.ip(`link set ${podEnd(pod)} down`), 'is down'],
  ['the host’s end is down', () => network.node.ip(`link set ${hostEnds().at(-1)} down`), "the host's end"],
  ['the pod’s route is gone', (pod) => pod.ip(`route delete ${nodeIps[0]}`), 'route to 10.9.0.11/32'],
  ['the host’s route is gone', (_, ip) => network.node.ip(`route delete ${ip}`), 'no route to 10.9.1.'],
  [
    'the pod’s neighbour is gone',
    (pod) => pod.ip(`neigh delete 169.254.1.1 dev ${podEnd(pod)}`),
    'neighbour 169.254.1.1',
  ],
];

test.each(spoilt)('CHECK fails when %s', (_, spoil, words) => {
  const { id, pod, json, ips } = added();
  expect(plugin.check(id, pod, json)).toMatchObject({ status: 0 });
  spoil(pod, ips[0] ?? '');
  expect(plugin.check(id, pod, json).json).toMatchObject({ code: 104, msg: expect.stringContaining(words) });
  plugin.del(id, pod.path);
  expect(names(pod)).toEqual(['lo']);
});

test('the next ADD leads the host to such pods again after the node’s address was taken away for a while', () => {
  const { id, pod, json, ips } = added();
  network.node.ip('address delete 10.9.0.11/16 dev eth0');
  network.node.ip('address add 10.9.0.11/16 dev eth0');
  expect(plugin.check(id, pod, json).json.msg).toContain('no route to 10.9.1.');
  const next = added();
  expect(network.node.reaches(ips[0] ?? '')).toBe(true);
  expect(plugin.check(id, pod, json)).toMatchObject({ status: 0 });
  plugin.del(id, pod.path);
  plugin.del(next.id, next.pod.path);
});

test('the pair goes although the interface went before, with its master', () => {
  const { id, pod } = added();
  pod.ip('link delete eth0');
  plugin.del(id, pod.path);
  expect(names(pod)).toEqual(['lo']);
  expect(hostEnds()).toEqual([]);
});

test('a failed ADD, and a GC, leave no pair', () => {
  const pod = network.pod('failed');
  const conf = { sysctl: { 'net/ipv6/conf/eth0/disable_ipv6': '1' } };
  expect(plugin.add('failed', pod, { conf }).status).toBe(1);
  expect(names(pod)).toEqual(['lo']);
  expect(hostEnds()).toEqual([]);
  const lost = added();
  const none = { 'cni.dev/valid-attachments': [], cniVersion: '1.1.0' };
  expect(plugin.call({ command: 'GC', id: '', netns: '', conf: none }).status).toBe(0);
  expect(names(lost.pod)).toEqual(['lo']);
  expect(hostEnds()).toEqual([]);
});
