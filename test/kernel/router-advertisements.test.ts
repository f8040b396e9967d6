import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

/** A router that nobody asked for: a default route, and a prefix of which every host makes itself an address. */
const router = `
import socket, struct, time
out = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'eth0')
out.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
prefix = struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 86400, 14400, 0) + socket.inet_pton(socket.AF_INET6, 'fd00:bad::')
advertisement = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0) + prefix
index = socket.if_nametoindex('eth0')
print('ready', flush=True)
while True:
    out.sendto(advertisement, ('ff02::1', 0, 0, index))
    time.sleep(0.02)
`;

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;
let advertising: ChildProcess;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.8', end: '10.9.1.99' });
  ipam.prepareIpv6();
  plugin = new Plugin(network.node);
  const host = network.join('router', 66);
  await until(() => linkLocal(host) !== undefined);
  advertising = host.start('python3', ['-c', router]);
  await once(advertising.stdout ?? advertising, 'data');
  // So that all that follows is known to be in the way of real advertisements.
  await until(() => takes(network.other));
});

afterAll(async () => {
  advertising?.kill();
  await ipam?.stop();
  network?.remove();
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await sleep(20);
  }
}

/** Addresses of an interface, or of all. */
function addresses(host: Host, device = ''): { local: string; scope: string; tentative?: boolean }[] {
  const words = device === '' ? '-6 address show' : `-6 address show dev ${device}`;
  return host.ask(words).flatMap((link) => link.addr_info ?? []);
}

function linkLocal(host: Host): string | undefined {
  return addresses(host, 'eth0').find(({ scope, tentative }) => scope === 'link' && !tentative)?.local;
}

/** Reports whether a host did as the router says: made an address, or a default route. */
function takes(host: Host): boolean {
  const hasAddress = addresses(host).some(({ local }) => local?.startsWith('fd00:bad:'));
  const hasRoute = host.ask('-6 route show').some(({ protocol }) => protocol === 'ra');
  return hasAddress || hasRoute;
}

test('neither pod nor shim take an address or a route of a router on the network, from the first moment on', async () => {
  const pod = network.pod('a');
  expect(plugin.add('a', pod).status).toBe(0);
  // Long enough for some fifty advertisements.
  await sleep(1_000);
  expect(takes(pod)).toBe(false);
  expect(pod.ask('-6 route show default')).toMatchObject([{ gateway: 'fd00:9::1' }]);
  const [shim] = network.node.ask('link show type macvlan');
  expect(addresses(network.node, shim.ifname)).toEqual([]);
  const byShim = network.node.ask('-6 route show').filter(({ dev }) => dev === shim.ifname);
  expect(byShim.filter(({ protocol }) => protocol === 'ra')).toEqual([]);
});

test('nor without duplicate detection', async () => {
  const pod = network.pod('b');
  expect(plugin.add('b', pod, { conf: { duplicateDetection: false } }).status).toBe(0);
  await sleep(1_000);
  expect(takes(pod)).toBe(false);
});

test('a pod takes them when its sysctl says so', async () => {
  const pod = network.pod('c');
  const sysctl = { 'net/ipv6/conf/eth0/accept_ra': '1', 'net/ipv6/conf/eth0/autoconf': '1' };
  expect(plugin.add('c', pod, { conf: { sysctl } }).status).toBe(0);
  await until(() => takes(pod));
});
