import { Capture } from './capture.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

const nodeIp = '10.9.0.11';
const serviceIp = '10.96.0.10';
let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeAll(async () => {
  network = new Network();
  // The strictest setting of distributions: what comes in must be routed out the same way.
  network.node.sysctl('net/ipv4/conf/all/rp_filter', '1');
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  plugin = new Plugin(network.node, { hostRoutes: ['10.96.0.0/12'] });
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

function shimOf(): { ifname: string; address: string } {
  const [shim, ...others] = network.node.ask('link show type macvlan');
  expect(others).toEqual([]);
  return shim;
}

test('node and pod reach one another, and the LAN sees nothing of the shim', async () => {
  const pod = network.pod('a');
  expect(network.other.reaches(nodeIp)).toBe(true);
  const mac = network.node.ask('link show eth0')[0].address;
  expect(network.other.neighbour(nodeIp)).toBe(mac);

  const frames = await Capture.start(network.switch, 'lan', 'arp or ip6 or icmp');
  const { json } = plugin.add('a', pod);
  const ip = json.ips[0].address.replace('/16', '');
  const shim = shimOf();
  for (let round = 0; round < 3; round++) {
    expect(network.node.reaches(ip)).toBe(true);
    expect(pod.reaches(nodeIp)).toBe(true);
  }
  network.node.ip(`neigh flush dev eth0`);
  expect(network.other.reaches(nodeIp)).toBe(true);
  expect(network.other.reaches(ip)).toBe(true);

  const lines = await frames.stop();
  expect(lines.filter((line) => line.includes(shim.address))).toEqual([]);
  expect(lines.length).toBeGreaterThan(0);
  expect(network.other.neighbour(nodeIp)).toBe(mac);
});

test('nobody on the LAN, and no pod, gets an ARP answer from the shim', async () => {
  const pod = network.pod('arp');
  plugin.add('arp', pod);
  const shim = shimOf();
  // A pod that asks for the node's address itself, as a stranger to our routes would.
  pod.ip(`route del ${nodeIp}`);
  expect(pod.reaches(nodeIp)).toBe(false);
  expect(pod.neighbour(nodeIp)).not.toBe(shim.address);
});

test('hostRoutes go to the host, whose MAC the pod holds for ever', () => {
  network.node.ip(`address add ${serviceIp}/32 dev lo`);
  const pod = network.pod('b');
  plugin.add('b', pod);
  expect(pod.reaches(serviceIp)).toBe(true);
  expect(pod.ask('neigh show dev eth0')).toContainEqual(
    expect.objectContaining({ dst: '169.254.1.1', lladdr: shimOf().address, state: ['PERMANENT'] }),
  );
});

test('the host speaks to a pod from its own address on that LAN', () => {
  const pod = network.pod('c');
  const { json } = plugin.add('c', pod);
  const ip = json.ips[0].address.replace('/16', '');
  expect(network.node.ask(`route get ${ip}`)).toMatchObject([{ dev: shimOf().ifname, prefsrc: nodeIp }]);
  plugin.del('c', pod.path);
  expect(network.node.ask(`route show ${ip}`)).toEqual([]);
  expect(network.node.neighbour(ip)).toBeUndefined();
  // The shim stays after its pods, also the last.
  expect(shimOf().ifname).toMatch(/^realip\d+$/);
});

test('pods and host find each other still when the master gets another MAC and a larger MTU', () => {
  const pod = network.pod('mac');
  const { address: before } = shimOf();
  network.node.ip('link set eth0 address 02:00:00:00:01:01');
  network.switch.ip('link set node mtu 4000');
  network.node.ip('link set eth0 mtu 4000');
  const { json } = plugin.add('mac', pod);
  expect(shimOf()).toMatchObject({ address: before, mtu: 4000 });
  expect(pod.run('ping', ['-c', '1', '-W', '2', '-M', 'do', '-s', '3000', nodeIp]).status).toBe(0);
  expect(network.node.reaches(json.ips[0].address.replace('/16', ''))).toBe(true);
});

test('a master without address gives pods without a source for the host, and they start', async () => {
  const bare = new Network();
  let server: IpamServer | undefined;
  try {
    bare.node.ip('address flush dev eth0');
    server = await IpamServer.start(bare.node);
    server.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
    const pod = bare.pod('a');
    const { status, json } = new Plugin(bare.node).add('a', pod);
    expect(status).toBe(0);
    const [route] = bare.node.ask('route show proto 82');
    expect(route).toMatchObject({ dst: json.ips[0].address.replace('/16', '') });
    expect(route).not.toHaveProperty('prefsrc');
    expect(bare.other.reaches(route.dst)).toBe(true);
  } finally {
    await server?.stop();
    bare.remove();
  }
});
