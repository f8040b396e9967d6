import { Capture } from './capture.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

const nodeIp = '10.9.0.11';
let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  ipam.prepareIpv6();
  plugin = new Plugin(network.node);
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

const bare = (address: string) => address.replace(/\/.*/, '');

/** The Ethernet source of a line of tcpdump. */
const sourceOf = (line: string) => line.split(' ')[0];

test('the network is asked three times before the pod has its addresses, which are announced after', async () => {
  const pod = network.pod('a');
  const frames = await Capture.start(network.other, 'eth0', 'arp or icmp6');
  const { status, json } = plugin.add('a', pod);
  expect(status).toBe(0);
  const [ipv4, ipv6] = json.ips.map((ip: { address: string }) => bare(ip.address));
  const lines = await frames.stop();
  const mac = json.interfaces[0].mac;

  const arp = lines.filter((line) => line.includes(`who-has ${ipv4}`));
  const probes = arp.filter((line) => line.includes('tell 0.0.0.0'));
  expect(probes).toHaveLength(3);
  // All by one MAC, which isn't the pod's.
  expect(new Set(probes.map(sourceOf)).size).toBe(1);
  expect(sourceOf(probes[0] ?? '')).not.toBe(mac);
  const announcement = arp.findIndex((line) => line.includes(`tell ${ipv4}`));
  expect(announcement).toBeGreaterThan(arp.lastIndexOf(probes[2] ?? ''));
  expect(sourceOf(arp[announcement] ?? '')).toBe(mac);

  const ndp = lines.filter((line) => line.includes(ipv6));
  const solicitations = ndp.filter((line) => / :: > ff02::1:ff.* neighbor solicitation/.test(line));
  expect(solicitations).toHaveLength(3);
  expect(new Set(solicitations.map(sourceOf))).toEqual(new Set([sourceOf(probes[0] ?? '')]));
  const advertisement = ndp.findIndex((line) => line.includes('neighbor advertisement'));
  expect(advertisement).toBeGreaterThan(ndp.lastIndexOf(solicitations[2] ?? ''));
  expect(sourceOf(ndp[advertisement] ?? '')).toBe(mac);

  // Nothing with the pod's MAC was on the network before it was clear that nobody has its addresses.
  const first = lines.findIndex((line) => sourceOf(line) === mac);
  expect(first).toBeGreaterThan(lines.lastIndexOf(probes[2] ?? ''));
  expect(first).toBeGreaterThan(lines.lastIndexOf(solicitations[2] ?? ''));
});

test('the node asks by its own name too, for those who answer in the place of others', async () => {
  const frames = await Capture.start(network.other, 'eth0', 'arp or icmp6');
  const { json } = plugin.add('b', network.pod('b'));
  const [ipv4, ipv6] = json.ips.map((ip: { address: string }) => bare(ip.address));
  const lines = await frames.stop();
  const mac = network.node.ask('link show eth0')[0].address;
  const ordinary = lines.filter((line) => line.includes(`who-has ${ipv4} tell ${nodeIp}`));
  expect(ordinary.map(sourceOf)).toEqual([mac, mac, mac]);
  const solicitations = lines.filter(
    (line) => line.includes('fd00:9::11 > ff02::1:ff') && line.includes(`who has ${ipv6}`),
  );
  expect(solicitations.map(sourceOf)).toEqual([mac, mac, mac]);
});

test('probes teach nobody a MAC, not even a host that learns from all it hears', () => {
  network.other.sysctl('net/ipv4/conf/eth0/arp_accept', '1');
  const { json } = plugin.add('c', network.pod('c'));
  const [ipv4, ipv6] = json.ips.map((ip: { address: string }) => bare(ip.address));
  const { mac } = json.interfaces[0];
  const learned = network.other.ask('neigh show dev eth0').filter(({ dst }) => [ipv4, ipv6].includes(dst));
  expect(learned.map(({ lladdr }) => lladdr)).toEqual([mac]);
  const foreign = network.other
    .ask('neigh show dev eth0')
    .filter(({ dst }) => dst === '0.0.0.0' || dst === '::');
  expect(foreign).toEqual([]);
});

test('a pod’s link-local address is of its final MAC', () => {
  const pod = network.pod('local');
  const { json } = plugin.add('local', pod);
  const [a, b, c, d, e, f] = json.interfaces[0].mac.split(':');
  const flipped = (Number.parseInt(a, 16) ^ 2).toString(16).padStart(2, '0');
  const groups = [`${flipped}${b}`, `${c}ff`, `fe${d}`, `${e}${f}`].map((group) =>
    group.replace(/^0+(?=.)/, ''),
  );
  const [link] = pod.ask('-6 address show eth0');
  expect(link.addr_info.filter((each: { scope: string }) => each.scope === 'link')).toMatchObject([
    { local: `fe80::${groups.join(':')}` },
  ]);
});

test('without duplicateDetection nobody is asked', async () => {
  const frames = await Capture.start(network.other, 'eth0', 'arp or icmp6');
  const { json } = plugin.add('d', network.pod('d'), { conf: { duplicateDetection: false } });
  const [ipv4, ipv6] = json.ips.map((ip: { address: string }) => bare(ip.address));
  const lines = await frames.stop();
  expect(lines.filter((line) => line.includes(`who-has ${ipv4} tell 0.0.0.0`))).toEqual([]);
  expect(lines.filter((line) => line.includes(`who has ${ipv6}`))).toEqual([]);
  expect(lines.some((line) => line.includes(`who-has ${ipv4} tell ${ipv4}`))).toBe(true);
});

test('without a carrier nobody can be asked: the pod starts, and the runtime is told', () => {
  network.switch.ip('link set node down');
  const pod = network.pod('e');
  const { status, stderr } = plugin.add('e', pod);
  network.switch.ip('link set node up');
  expect(status).toBe(0);
  expect(stderr).toContain('eth0 has no carrier');
  expect(pod.ask('address show eth0')[0].addr_info.map((each: { family: string }) => each.family)).toEqual(
    expect.arrayContaining(['inet', 'inet6']),
  );
});

test('a master that is down is told the same way', () => {
  network.node.ip('link set eth0 down');
  const { status, stderr } = plugin.add('f', network.pod('f'));
  network.node.ip('link set eth0 up');
  expect(status).toBe(0);
  expect(stderr).toContain('eth0 has no carrier');
});
