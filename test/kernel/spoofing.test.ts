import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../server/until.ts';
import { Capture } from './capture.ts';
import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { withTable } from './nft.ts';
import { type Call, Plugin } from './plugin.ts';

interface Pod {
  readonly host: Host;
  readonly ips: readonly string[];
  readonly mac: string;
}

const page = readFileSync(join(import.meta.dirname, '../../docs/security.md'), 'utf8');
/** A table of nftables as docs/security.md shows it. */
const tableOf = (name: string) => new RegExp(`^table \\w+ ${name} \\{.*?^\\}\n`, 'ms').exec(page)?.[0] ?? '';

const otherIps = ['10.9.0.99', 'fd00:9::99'];
/** Addresses of the LAN that none of these pods has. */
const foreign = ['10.9.7.7', 'fd00:9::7:7'];
const foreignMac = '02:00:00:00:07:07';
let network: Network;
let ipam: IpamServer;
let plugin: Plugin;
let macvlan: Pod;
let ptp: Pod;

beforeAll(async () => {
  network = new Network();
  const { node } = network;
  ipam = await IpamServer.start(node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  ipam.prepareIpv6();
  plugin = new Plugin(node);
  macvlan = added('macvlan');
  ptp = added('ptp', { conf: { dataplane: 'ptp' } });
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

function added(id: string, more: Partial<Call> = {}): Pod {
  const host = network.pod(id);
  const { status, json } = plugin.add(id, host, more);
  expect(status).toBe(0);
  const ips = json.ips.map(({ address }: { address: string }) => address.replace(/\/.*/, ''));
  return { host, ips, mac: host.ask('link show eth0')[0].address };
}

/** Sends by an interface a frame of choice: claims an address by ARP for a MAC, with that MAC as its sender. */
const frameSender = `
import socket, sys
ip, mac = socket.inet_aton(sys.argv[1]), bytes.fromhex(sys.argv[2].replace(':', ''))
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind(('eth0', 0))
arp = bytes.fromhex('0001080006040001') + mac + ip + bytes(6) + ip
out.send(b'\\xff' * 6 + mac + bytes.fromhex('0806') + arp)
`;

/** What a pod's program does with CAP_NET_RAW: a frame that claims the first foreign address for a MAC of its choice. */
const claim = ({ host }: Pod) => host.run('python3', ['-c', frameSender, foreign[0] ?? '', foreignMac]);

/** With CAP_NET_ADMIN: takes a foreign address, and speaks from it. */
function speakFrom({ host }: Pod, foreignIp: string): void {
  const version = foreignIp.includes(':') ? 1 : 0;
  const words = version === 1 ? `${foreignIp}/128 dev eth0 nodad` : `${foreignIp}/32 dev eth0`;
  host.ip(`address add ${words}`);
  host.run('ping', ['-n', '-c', '1', '-W', '1', '-I', foreignIp, otherIps[version] ?? '']);
  host.ip(`address del ${foreignIp}/${version === 1 ? 128 : 32} dev eth0`);
}

/** The frames that another host of the LAN gets while a pod pretends; each line begins with the sender's MAC. */
async function heard(filter: string, pretend: () => unknown): Promise<string[]> {
  const capture = await Capture.start(network.other, 'eth0', filter);
  pretend();
  return capture.stop();
}

const echoRequests = (ip: string) =>
  `src host ${ip} and ${ip.includes(':') ? 'icmp6 and ip6[40] == 128' : 'icmp'}`;

test('a macvlan pod may speak from any address and MAC, and others of the LAN learn them', async () => {
  for (const ip of foreign) {
    const frames = await heard(echoRequests(ip), () => speakFrom(macvlan, ip));
    expect(frames).toEqual([expect.stringContaining(`${macvlan.mac} > `)]);
  }
  const claims = await heard(`ether src ${foreignMac} and arp`, () =>
    expect(claim(macvlan)).toMatchObject({ status: 0 }),
  );
  expect(claims).toEqual([expect.stringContaining(`${foreignMac} > `)]);
});

test('what a ptp pod claims by ARP stays between it and its node', async () => {
  const frames = await heard(`ether src ${foreignMac} or ether src ${ptp.mac}`, () =>
    expect(claim(ptp)).toMatchObject({ status: 0 }),
  );
  expect(frames).toEqual([]);
});

test('a ptp pod speaks from no foreign IPv4 address where rp_filter is 1, and from any where it is 0', async () => {
  const { node } = network;
  const [ip = ''] = foreign;
  const said = async (setting: string) => {
    // The stricter of the two counts.
    for (const name of ['all', node.ask(`route get ${ptp.ips[0]}`)[0].dev]) {
      node.sysctl(`net/ipv4/conf/${name}/rp_filter`, setting);
    }
    return heard(echoRequests(ip), () => speakFrom(ptp, ip));
  };
  expect(await said('0')).toHaveLength(1);
  expect(await said('1')).toEqual([]);
});

test('IPv6 knows no rp_filter: there a rule of nftables keeps a ptp pod to its own addresses', async () => {
  const { node, other } = network;
  const [, ip = ''] = foreign;
  expect(await heard(echoRequests(ip), () => speakFrom(ptp, ip))).toHaveLength(1);
  const capture = await Capture.start(other, 'eth0', `src host ${foreign[0]} or src host ${ip}`);
  withTable(node, tableOf('own-behind-node'), () => {
    for (const each of foreign) {
      speakFrom(ptp, each);
    }
    expect(otherIps.map((each) => ptp.host.reaches(each))).toEqual([true, true]);
    expect(ptp.ips.map((each) => other.reaches(each))).toEqual([true, true]);
  });
  expect(await capture.stop()).toEqual([]);
});

test('at the master’s egress a list of MACs and addresses keeps macvlan pods to their own', async () => {
  const { node, other } = network;
  const [own4 = '', own6 = ''] = macvlan.ips;
  const [foreign4 = '', foreign6 = ''] = foreign;
  const list = tableOf('own-at-master')
    .replaceAll('52:54:00:12:34:56', node.ask('link show eth0')[0].address)
    .replaceAll('0a:58:0a:09:01:07', macvlan.mac)
    .replaceAll('10.9.1.7', own4)
    .replaceAll('fd00:9::1:7', own6);
  const capture = await Capture.start(
    other,
    'eth0',
    `src host ${foreign4} or src host ${foreign6} or ether src ${foreignMac}`,
  );
  withTable(node, list, () => {
    claim(macvlan);
    speakFrom(macvlan, foreign4);
    speakFrom(macvlan, foreign6);
    expect(macvlan.ips.map((each) => other.reaches(each))).toEqual([true, true]);
  });
  expect(await capture.stop()).toEqual([]);
});

/** A router that nobody asked for: a default route, and a prefix of which every host makes itself an address. */
const router = `
import socket, struct
out = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'eth0')
out.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
prefix = struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 86400, 14400, 0) + socket.inet_pton(socket.AF_INET6, 'fd00:bad::')
advertisement = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0) + prefix
out.sendto(advertisement, ('ff02::1', 0, 0, socket.if_nametoindex('eth0')))
`;

test('a macvlan pod can make itself a router of the LAN; pods ignore it, and what a ptp pod advertises nobody takes', async () => {
  const { node, other } = network;
  const advertise = ({ host }: Pod) =>
    expect(host.run('python3', ['-c', router])).toMatchObject({ status: 0, stderr: '' });
  const hasTaken = (host: Host) => host.ask('-6 route show').some(({ dst }) => dst === 'fd00:bad::/64');
  const speaksFromLink = ({ host }: Pod) =>
    host.ask('-6 address show eth0 scope link -tentative').some(({ addr_info }) => addr_info?.length > 0);
  await until('both have their link-local address', () => [macvlan, ptp].every(speaksFromLink));
  const frames = await heard('icmp6 and ip6[40] == 134', () => {
    advertise(ptp);
    advertise(macvlan);
  });
  expect(frames).toEqual([expect.stringContaining(`${macvlan.mac} > `)]);
  await until('another host takes it', () => hasTaken(other));
  expect([node, macvlan.host, ptp.host].map(hasTaken)).toEqual([false, false, false]);
});

test('the list of ports that docs/security.md shows for a master stops them, and nothing else', () => {
  const { node, other } = network;
  const [ip = ''] = macvlan.ips;
  const connects = (port: number) => other.run('python3', ['-c', connector, ip, `${port}`]).stdout.trim();
  withTable(node, tableOf('pods'), () => {
    expect([connects(5005), connects(5006), other.reaches(ip)]).toEqual(['silence', 'refused', true]);
  });
  expect(connects(5005)).toBe('refused');
});

/** What comes of a connection: nobody listens, so who gets there is refused. */
const connector = `
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)
except ConnectionRefusedError:
    print('refused')
except TimeoutError:
    print('silence')
`;
