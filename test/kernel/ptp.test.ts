import { slowness } from '../../netlink/testing/slowness.ts';
import { Capture } from './capture.ts';
import { answersOf, Echo, echoPort } from './echo.ts';
import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { type Answer, Plugin } from './plugin.ts';

const node4 = '10.9.0.11';
const node6 = 'fd00:9::11';
let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeAll(async () => {
  network = new Network();
  const { node } = network;
  // The strictest setting of distributions, and nothing of what pods need is set.
  node.sysctl('net/ipv4/conf/all/rp_filter', '1');
  node.sysctl('net/ipv4/ip_forward', '0');
  node.sysctl('net/ipv6/conf/all/forwarding', '0');
  ipam = await IpamServer.start(node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  ipam.prepareIpv6();
  plugin = new Plugin(node, { dataplane: 'ptp', hostRoutes: ['10.96.0.0/12'] });
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

const ipsOf = ({ json }: Answer): [string, string] =>
  json.ips.map(({ address }: { address: string }) => address.replace(/\/.*/, ''));

interface Added {
  readonly pod: Host;
  readonly answer: Answer;
  readonly ips: readonly [string, string];
}

function added(id: string, more: Parameters<Plugin['add']>[2] = {}): Added {
  const pod = network.pod(id);
  const answer = plugin.add(id, pod, more);
  expect(answer).toMatchObject({ status: 0 });
  return { pod, answer, ips: ipsOf(answer) };
}

const proxied = () => network.node.ask('neigh show proxy').map(({ dst }) => dst);

test('the pod has single addresses, and everything else by its host, as the result says', () => {
  const { pod, answer } = added('shape');
  const [link] = pod.ask('address show eth0');
  expect(link).toMatchObject({ mtu: 1500, operstate: 'UP', linkinfo: { info_kind: 'veth' } });
  const globals = link.addr_info.filter((each: { scope: string }) => each.scope === 'global');
  expect(globals.map((each: { prefixlen: number }) => each.prefixlen)).toEqual([32, 128]);
  expect(globals[1]).toMatchObject({ nodad: true });
  expect(pod.ask('route show default')).toMatchObject([{ gateway: '169.254.1.1', dev: 'eth0' }]);
  expect(pod.ask('-6 route show default')).toMatchObject([{ gateway: 'fe80::5258:1', dev: 'eth0' }]);
  expect(pod.ask('route show 10.9.0.0/16')).toMatchObject([{ gateway: '169.254.1.1' }]);
  expect(answer.json).toMatchObject({
    interfaces: [
      { name: 'eth0', mac: link.address, sandbox: pod.path },
      { name: expect.stringMatching(/^rpod/), mac: '0e:58:00:00:00:01' },
    ],
    ips: [
      { address: `${globals[0].local}/16`, gateway: '169.254.1.1' },
      { address: `${globals[1].local}/64`, gateway: 'fe80::5258:1' },
    ],
    routes: [
      { dst: '0.0.0.0/0', gw: '169.254.1.1' },
      { dst: '::/0', gw: 'fe80::5258:1' },
    ],
  });
});

test('third host, node and pods of the node reach one another, and the LAN sees the node’s MAC alone', async () => {
  const frames = await Capture.start(network.switch, 'lan', 'arp or icmp or icmp6');
  const [one, two] = [added('one'), added('two')];
  for (const ip of one.ips) {
    expect(network.other.reaches(ip)).toBe(true);
    expect(network.node.reaches(ip)).toBe(true);
    expect(two.pod.reaches(ip)).toBe(true);
  }
  for (const ip of [node4, node6, '10.9.0.99', 'fd00:9::99']) {
    expect(one.pod.reaches(ip)).toBe(true);
  }
  const { address } = network.node.ask('link show eth0')[0];
  expect(one.ips.map((ip) => network.other.neighbour(ip))).toEqual([address, address]);
  const senders = new Set((await frames.stop()).map((line) => line.split(' ')[0]));
  const others = [...network.switch.ask('link show'), ...network.other.ask('link show eth0')];
  const known = [address, ...others.map((link) => link.address)];
  expect([...senders].filter((mac) => !known.includes(mac ?? ''))).toEqual([]);
});

test('only the pods are answered for, and at once', async () => {
  const { ips } = added('proxy');
  // What proxy_arp would claim.
  network.node.ip('route add 10.77.0.0/16 dev lo');
  network.other.ip('route add 10.77.0.0/16 dev eth0');
  network.other.reaches('10.77.0.1');
  expect(network.other.neighbour('10.77.0.1')).toBeUndefined();
  network.other.ip('neigh flush dev eth0');
  const { stdout } = network.other.run('ping', ['-c', '1', '-W', '2', ips[0]]);
  // The kernel’s own proxy_delay would let it wait for up to 800 ms.
  expect(Number(/time=([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(90 * slowness());
  for (const family of ['ipv4', 'ipv6']) {
    expect(network.node.run('cat', [`/proc/sys/net/${family}/neigh/eth0/proxy_delay`]).stdout).toBe('0\n');
  }
  expect(network.node.run('cat', ['/proc/sys/net/ipv4/conf/eth0/proxy_arp']).stdout).toBe('0\n');
});

test('a ClusterIP answers the pod, and a port of the node leads from outside to it, by the node’s translation', async () => {
  const { pod, ips } = added('service');
  const echoes = [await Echo.start(network.other, 'other'), await Echo.start(pod, 'pod')];
  const rules = [
    `ip daddr 10.96.0.10 tcp dport 80 dnat to 10.9.0.99:${echoPort}`,
    `ip daddr 10.96.0.10 udp dport 80 dnat to 10.9.0.99:${echoPort}`,
    `ip daddr ${node4} tcp dport 80 dnat to ${ips[0]}:${echoPort}`,
    `ip daddr ${node4} udp dport 80 dnat to ${ips[0]}:${echoPort}`,
  ].join('\n');
  const chain = `type nat hook prerouting priority dstnat\n${rules}`;
  network.node.run('nft', ['-f', '-'], `table ip services {\nchain pre {\n${chain}\n}\n}\n`);
  const fromPod = answersOf(pod, ['10.96.0.10']);
  const fromOther = answersOf(network.other, [node4]);
  network.node.run('nft', ['delete', 'table', 'ip', 'services']);
  await Promise.all(echoes.map((echo) => echo.stop()));
  expect(fromPod).toEqual({
    'tcp 10.96.0.10': `other ${ips[0]}`,
    'udp 10.96.0.10': `other ${ips[0]}`,
  });
  // The pod sees who really asks.
  expect(fromOther).toEqual({ [`tcp ${node4}`]: 'pod 10.9.0.99', [`udp ${node4}`]: 'pod 10.9.0.99' });
});

test('the MTU holds at both ends', () => {
  const { pod, ips } = added('mtu', { conf: { mtu: 1400 } });
  expect(pod.ask('link show eth0')[0].mtu).toBe(1400);
  const { dev } = network.node.ask(`route get ${ips[0]}`)[0];
  expect(network.node.ask(`link show ${dev}`)[0].mtu).toBe(1400);
  expect(plugin.add('big', network.pod('big'), { conf: { mtu: 9000 } }).json).toMatchObject({ code: 7 });
});

test('a lost carrier of the master is no loss of the answers', () => {
  const { ips } = added('carrier');
  network.switch.ip('link set node down');
  network.switch.ip('link set node up');
  expect(proxied()).toEqual(expect.arrayContaining([...ips]));
});

test('a restart of the node’s network costs nobody his answers for longer than until the next pod', () => {
  const { pod, answer, ips } = added('restart');
  network.node.ip('link set eth0 down');
  network.node.ip('address flush dev eth0 scope global');
  network.node.ip('route flush proto 82');
  network.node.ip('link set eth0 up');
  for (const address of ['10.9.0.11/16 dev eth0', 'fd00:9::11/64 dev eth0 nodad']) {
    network.node.ip(`address add ${address}`);
  }
  network.node.ip('route add default via 10.9.0.1');
  expect(proxied()).toEqual([]);
  added('mender');
  expect(proxied()).toEqual(expect.arrayContaining([...ips]));
  expect(plugin.check('restart', pod, answer.json)).toMatchObject({ status: 0 });
  expect(ips.map((ip) => network.other.reaches(ip))).toEqual([true, true]);
});

test('DEL leaves no interface, route and answer, with the namespace and without it', () => {
  const before = { links: network.node.ask('link show').length, proxied: proxied() };
  const [kept, gone] = [added('kept'), added('gone')];
  expect(proxied()).toHaveLength(before.proxied.length + 4);
  expect(plugin.del('kept', kept.pod.path)).toMatchObject({ status: 0, stdout: '' });
  expect(kept.pod.ask('link show')).toHaveLength(1);
  gone.pod.remove();
  expect(plugin.del('gone', '')).toMatchObject({ status: 0, stdout: '' });
  expect(proxied()).toEqual(before.proxied);
  expect(network.node.ask('link show')).toHaveLength(before.links);
  for (const ip of [...kept.ips, ...gone.ips]) {
    expect(network.node.ask(`route show ${ip}`)).toEqual([]);
    expect(ipam.allocated()).not.toContain(ip);
  }
});

test('a DEL that knows nothing of the pod and finds no server leaves its answers to the next one', async () => {
  const { pod, ips } = added('lost');
  pod.ip('link delete eth0');
  pod.remove();
  const away = { ...(plugin.conf['ipam'] as object), server: 'http://127.0.0.1:1' };
  expect(plugin.del('lost', '', { conf: { ipam: away } }).status).toBe(0);
  const other = added('another');
  expect(plugin.del('another', other.pod.path).status).toBe(0);
  expect(proxied()).not.toEqual(expect.arrayContaining([ips[1]]));
  expect(network.other.reaches(ips[1])).toBe(false);
});

test('who has another MAC for the address learns the node’s at once', async () => {
  const ips = ['10.9.1.201', 'fd00:9::1:c9'];
  for (const ip of ips) {
    // As a pod on another node had it, and spoke a moment ago.
    network.other.ip(`neigh replace ${ip} lladdr 0a:58:0a:09:01:c9 dev eth0 nud stale`);
  }
  const { answer } = added('moved', { args: `IP=${ips.join()}` });
  expect(ipsOf(answer)).toEqual(ips);
  const { address } = network.node.ask('link show eth0')[0];
  await until(() => ips.every((ip) => network.other.neighbour(ip) === address));
});

/** Waits for frames to arrive; jest's own limit ends it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('an address that somebody on the LAN has is not given to the pod', () => {
  network.other.ip('address add 10.9.1.200/16 dev eth0');
  const answer = plugin.add('taken', network.pod('taken'), { args: 'IP=10.9.1.200' });
  network.other.ip('address delete 10.9.1.200/16 dev eth0');
  expect(answer.status).toBe(1);
  expect(answer.json.msg).toContain(network.other.ask('link show eth0')[0].address);
  expect(proxied()).not.toContain('10.9.1.200');
});

test('a failed ADD leaves nothing', () => {
  const before = { links: network.node.ask('link show').length, proxied: proxied() };
  const pod = network.pod('failed');
  // The pod’s IPv6 address is refused, when the host has its part done.
  const conf = { sysctl: { 'net/ipv6/conf/eth0/disable_ipv6': '1' } };
  expect(plugin.add('failed', pod, { conf })).toMatchObject({ status: 1, json: { code: 102 } });
  expect(proxied()).toEqual(before.proxied);
  expect(network.node.ask('link show')).toHaveLength(before.links);
  expect(pod.ask('link show')).toHaveLength(1);
});

test('a node whose IPv6 router advertised itself is left alone: forwarding would take its default route', () => {
  const pod = network.pod('ra');
  network.node.sysctl('net/ipv6/conf/all/forwarding', '0');
  network.node.ip('-6 route add default via fd00:9::1 dev eth0 proto ra');
  const answer = plugin.add('ra', pod);
  network.node.ip('-6 route del default');
  expect(answer.json).toMatchObject({
    code: 108,
    msg: expect.stringContaining('net/ipv6/conf/all/forwarding'),
  });
  expect(network.node.run('cat', ['/proc/sys/net/ipv6/conf/all/forwarding']).stdout).toBe('0\n');
  expect(pod.ask('link show')).toHaveLength(1);
  added('after');
  expect(network.node.run('cat', ['/proc/sys/net/ipv6/conf/all/forwarding']).stdout).toBe('1\n');
});

test('GC takes what the runtime doesn’t know', () => {
  const { ips } = added('stale');
  const conf = { name: 'gc', cniVersion: '1.1.0' };
  const own = network.pod('own');
  const kept = ipsOf(plugin.add('own', own, { conf }));
  const attachments = { 'cni.dev/valid-attachments': [{ containerID: 'own', ifname: 'eth0' }] };
  plugin.call({ command: 'GC', id: '', netns: '', conf: { ...attachments, cniVersion: '1.1.0' } });
  expect(proxied()).not.toEqual(expect.arrayContaining([ips[0]]));
  expect(proxied()).toEqual(expect.arrayContaining([...kept]));
});

const spoilt: [string, (pod: Host, ips: readonly string[], end: string) => void, string][] = [
  [
    'the host answers no more',
    (_, [ip]) => network.node.ip(`neigh del proxy ${ip} dev eth0`),
    'answer for 10.9.1.',
  ],
  [
    'the host answers IPv6 no more',
    (_, [, ip]) => network.node.ip(`neigh del proxy ${ip} dev eth0`),
    'answer for fd00:9:',
  ],
  ['the host’s route is gone', (_, [ip]) => network.node.ip(`route delete ${ip}`), 'no route to 10.9.1.'],
  [
    'the host’s IPv6 route is gone',
    (_, [, ip]) => network.node.ip(`-6 route delete ${ip}`),
    'no route to fd00:9:',
  ],
  [
    'the host’s neighbour is gone',
    (_, [ip], end) => network.node.ip(`neigh del ${ip} dev ${end}`),
    'no permanent neighbour 10.9.1.',
  ],
  ['the host’s end is down', (_, __, end) => network.node.ip(`link set ${end} down`), 'is down'],
  [
    'the host’s end has another MAC',
    (_, __, end) => network.node.ip(`link set ${end} address 02:00:00:00:00:01`),
    'has lost the MAC',
  ],
  ['the pod’s route is gone', (pod) => pod.ip('route del default'), 'route to 0.0.0.0/0 via 169.254.1.1'],
  [
    'the pod’s neighbour is gone',
    (pod) => pod.ip('neigh del 169.254.1.1 dev eth0'),
    'permanent neighbour 169.254.1.1',
  ],
  ['the pod’s address is gone', (pod) => pod.ip('address flush dev eth0'), 'has no address 10.9.1.'],
  [
    'another interface is in its place',
    (pod) => {
      pod.ip('link del eth0');
      pod.ip('link add eth0 type bridge');
    },
    'kind bridge and not veth',
  ],
  [
    'the answers are held back',
    () => network.node.sysctl('net/ipv4/neigh/eth0/proxy_delay', '80'),
    'net/ipv4/neigh/eth0/proxy_delay is not 0',
  ],
  [
    'the node takes no pod’s packets',
    () => network.node.sysctl('net/ipv4/conf/eth0/forwarding', '0'),
    'net/ipv4/conf/eth0/forwarding is not 1',
  ],
  [
    'the node forwards no IPv6',
    () => network.node.sysctl('net/ipv6/conf/all/forwarding', '0'),
    'net/ipv6/conf/all/forwarding is not 1',
  ],
  [
    'the node answers no NDP for others',
    () => network.node.sysctl('net/ipv6/conf/eth0/proxy_ndp', '0'),
    'net/ipv6/conf/eth0/proxy_ndp is not 1',
  ],
];

test.each(spoilt)('CHECK fails when %s', (_, spoil, words) => {
  const id = `s${spoilt.findIndex((each) => each[2] === words)}`;
  const { pod, answer, ips } = added(id);
  expect(plugin.check(id, pod, answer.json)).toMatchObject({ status: 0, stdout: '' });
  const [{ dev }] = network.node.ask(`route get ${ips[0]}`);
  spoil(pod, ips, dev);
  expect(plugin.check(id, pod, answer.json)).toMatchObject({
    status: 1,
    json: { code: 104, msg: expect.stringContaining(words) },
  });
  plugin.del(id, pod.path);
});
