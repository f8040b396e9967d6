import { Capture } from './capture.ts';
import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { type Answer, Plugin } from './plugin.ts';

const nodeIp = 'fd00:9::11';
const serviceIp = 'fd10:96::10';
let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeAll(async () => {
  network = new Network();
  // As on every node that has pods of other networks too; a new interface inherits it.
  forward(network.node);
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  ipam.prepareIpv6();
  plugin = new Plugin(network.node, { hostRoutes: ['10.96.0.0/12', 'fd10:96::/112'] });
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

function forward(host: Host): void {
  for (const scope of ['default', 'all']) {
    host.sysctl(`net/ipv6/conf/${scope}/forwarding`, '1');
  }
}

const bare = (address: string) => address.replace(/\/.*/, '');
const ipv6Of = ({ json }: Answer): string =>
  json.ips.map(({ address }: { address: string }) => bare(address)).find((ip: string) => ip.includes(':'));
const shimOf = ({ node }: Network) => node.ask('link show type macvlan')[0];

test('node and pod reach one another, and the LAN sees nothing of the shim', async () => {
  const pod = network.pod('a');
  const mac = network.node.ask('link show eth0')[0].address;
  const frames = await Capture.start(network.switch, 'lan', 'arp or ip6');
  const ip = ipv6Of(plugin.add('a', pod));
  const shim = shimOf(network);
  for (let round = 0; round < 3; round++) {
    expect(network.node.reaches(ip)).toBe(true);
    expect(pod.reaches(nodeIp)).toBe(true);
  }
  // Whoever switches forwarding makes every interface join the group of all routers, and tell so.
  network.node.sysctl('net/ipv6/conf/all/forwarding', '0');
  network.node.sysctl('net/ipv6/conf/all/forwarding', '1');
  network.node.ip('neigh flush dev eth0');
  expect(network.other.reaches(nodeIp)).toBe(true);
  expect(network.other.reaches(ip)).toBe(true);
  // Everybody on the LAN is asked for who is there; the shim is not.
  network.other.run('ping', ['-n', '-c', '2', '-i', '0.2', '-W', '1', 'ff02::1%eth0']);

  const lines = await frames.stop();
  expect(lines.filter((line) => line.includes(shim.address))).toEqual([]);
  expect(lines.some((line) => line.includes('multicast listener report'))).toBe(true);
  expect(network.other.neighbour(nodeIp)).toBe(mac);
  expect(network.node.ask(`address show ${shim.ifname}`)[0].addr_info).toEqual([]);
});

test('nobody, and no pod, gets an answer from the shim to a solicitation', () => {
  const pod = network.pod('ns');
  plugin.add('ns', pod);
  // A pod that asks for the node’s address itself, as a stranger to our routes would.
  pod.ip(`route del ${nodeIp}`);
  expect(pod.reaches(nodeIp)).toBe(false);
  expect(pod.neighbour(nodeIp)).not.toBe(shimOf(network).address);
});

test('hostRoutes go to the host, whose MAC the pod holds for ever', () => {
  network.node.ip(`address add ${serviceIp}/128 dev lo`);
  const pod = network.pod('b');
  plugin.add('b', pod);
  expect(pod.reaches(serviceIp)).toBe(true);
  expect(pod.ask('-6 neigh show dev eth0')).toContainEqual(
    expect.objectContaining({
      dst: 'fe80::5258:1',
      lladdr: shimOf(network).address,
      state: ['PERMANENT'],
    }),
  );
});

test('the host speaks to a pod from its own address on that LAN, until DEL', () => {
  const pod = network.pod('c');
  const ip = ipv6Of(plugin.add('c', pod));
  const [route] = network.node.ask(`-6 route get ${ip}`);
  expect(route).toMatchObject({ dev: shimOf(network).ifname, prefsrc: nodeIp });
  plugin.del('c', pod.path);
  expect(network.node.ask(`-6 route show ${ip}`)).toEqual([]);
  expect(network.node.neighbour(ip)).toBeUndefined();
});

const spoilt: [string, (pod: Host, ip: string) => void, string][] = [
  ['the host’s route is gone', (_, ip) => network.node.ip(`-6 route delete ${ip}`), 'no route to fd00:9::'],
  [
    'the host’s neighbour is gone',
    (_, ip) => network.node.ip(`neigh delete ${ip} dev ${shimOf(network).ifname}`),
    'no permanent neighbour fd00:9::',
  ],
  ['the pod’s route is gone', (pod) => pod.ip(`route delete ${nodeIp}`), `route to ${nodeIp}/128`],
  [
    'the pod’s neighbour is gone',
    (pod) => pod.ip('neigh delete fe80::5258:1 dev eth0'),
    'neighbour fe80::5258:1',
  ],
];

test.each(spoilt)('CHECK fails when %s', (what, spoil, words) => {
  const id = `check${spoilt.findIndex(([each]) => each === what)}`;
  const pod = network.pod(id);
  const answer = plugin.add(id, pod);
  expect(plugin.check(id, pod, answer.json)).toMatchObject({ status: 0 });
  spoil(pod, ipv6Of(answer));
  expect(plugin.check(id, pod, answer.json).json).toMatchObject({
    code: 104,
    msg: expect.stringContaining(words),
  });
});

test('a failed ADD, and a GC, leave no route and no neighbour', () => {
  const before = ways(network.node);
  const pod = network.pod('failed');
  // The pod’s own address, which its kernel refuses then, comes after all that the host gets.
  const conf = { sysctl: { 'net/ipv6/conf/eth0/disable_ipv6': '1' } };
  expect(plugin.add('failed', pod, { conf }).status).toBe(1);
  expect(ways(network.node)).toEqual(before);
  plugin.add('lost', network.pod('lost'));
  expect(ways(network.node).length).toBeGreaterThan(before.length);
  const valid = { 'cni.dev/valid-attachments': [], 'cni.dev/attachments': [] };
  expect(
    plugin.call({ command: 'GC', id: '', netns: '', conf: { cniVersion: '1.1.0', ...valid } }).status,
  ).toBe(0);
  expect(ways(network.node)).toEqual([]);
});

function ways(node: Host): string[] {
  const { ifname } = shimOf(network);
  const routes = ['-4', '-6'].flatMap((family) => node.ask(`${family} route show proto 82`));
  const neighbours = node.ask(`neigh show dev ${ifname} nud permanent`);
  return [...routes, ...neighbours].map(({ dst }) => dst).toSorted();
}

test('a shim that the version before made, without IPv6, is brought up to date under its pods', async () => {
  const old = new Network();
  let server: IpamServer | undefined;
  try {
    forward(old.node);
    const [eth0] = old.node.ask('link show eth0');
    const name = `realip${eth0.ifindex}`;
    const mac = eth0.address.replace(/^..:../, '0e:58');
    old.node.ip(`link add ${name} link eth0 address ${mac} type macvlan mode bridge`);
    old.node.sysctl(`net/ipv4/conf/${name}/arp_ignore`, '8');
    for (const [key, value] of Object.entries({ disable_ipv6: '1', accept_ra: '0', autoconf: '0' })) {
      old.node.sysctl(`net/ipv6/conf/${name}/${key}`, value);
    }
    old.node.ip(`link set ${name} up`);
    server = await IpamServer.start(old.node);
    server.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
    server.prepareIpv6();
    const frames = await Capture.start(old.switch, 'lan', 'arp or ip6');
    const pod = old.pod('a');
    const answer = new Plugin(old.node).add('a', pod);
    expect(old.node.reaches(ipv6Of(answer))).toBe(true);
    expect(pod.reaches(nodeIp)).toBe(true);
    expect((await frames.stop()).filter((line) => line.includes(mac))).toEqual([]);
  } finally {
    await server?.stop();
    old.remove();
  }
});

test('a node and its pods with IPv6 alone', async () => {
  const six = new Network();
  let server: IpamServer | undefined;
  try {
    six.node.ip('-4 address flush dev eth0');
    six.node.ip('-6 route add default via fd00:9::1');
    server = await IpamServer.start(six.node);
    server.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
    server.prepareIpv6();
    const pod = six.pod('a');
    const conf = { master: undefined, ipam: { families: ['ipv6'] } };
    const answer = new Plugin(six.node, conf).add('a', pod);
    expect(answer.json.ips).toHaveLength(1);
    expect(six.node.reaches(ipv6Of(answer))).toBe(true);
    expect(pod.reaches(nodeIp)).toBe(true);
    expect(pod.ask('-4 route show')).toEqual([]);
  } finally {
    await server?.stop();
    six.remove();
  }
});

test.each([{}, { mode: 'private' }])(
  'a node that has IPv6 switched off starts pods that have it (%j), and reaches them by IPv4',
  async (conf) => {
    const off = new Network();
    let server: IpamServer | undefined;
    try {
      for (const scope of ['default', 'all']) {
        off.node.sysctl(`net/ipv6/conf/${scope}/disable_ipv6`, '1');
      }
      server = await IpamServer.start(off.node);
      server.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
      server.prepareIpv6();
      const pod = off.pod('a');
      const answer = new Plugin(off.node, conf).add('a', pod);
      expect(answer.json.ips).toHaveLength(2);
      expect(off.node.reaches(bare(answer.json.ips[0].address))).toBe(true);
      expect(off.other.reaches(ipv6Of(answer))).toBe(true);
    } finally {
      await server?.stop();
      off.remove();
    }
  },
);
