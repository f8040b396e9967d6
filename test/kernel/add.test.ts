import { Capture } from './capture.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  plugin = new Plugin(network.node);
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

test('a pod gets its link, address, MAC, MTU and routes, and the result says so', () => {
  const pod = network.pod('a');
  const { status, json } = plugin.add('a', pod);
  expect(status).toBe(0);
  const [link] = pod.ask('address show eth0');
  const address = link.addr_info.find((each: { family: string }) => each.family === 'inet');
  expect(link).toMatchObject({ operstate: 'UP', mtu: 1500, linkinfo: { info_data: { mode: 'bridge' } } });
  expect(address).toMatchObject({ prefixlen: 16, broadcast: '10.9.255.255', scope: 'global' });
  const octets = address.local.split('.').map((octet: string) => Number(octet).toString(16).padStart(2, '0'));
  expect(link.address).toBe(`0a:58:${octets.join(':')}`);
  expect(pod.ask('route show default')).toMatchObject([{ gateway: '10.9.0.1', dev: 'eth0' }]);
  expect(json).toMatchObject({
    cniVersion: '1.0.0',
    interfaces: [{ name: 'eth0', mac: link.address, sandbox: pod.path }],
    ips: [{ address: `${address.local}/16`, gateway: '10.9.0.1', interface: 0 }],
    routes: [{ dst: '0.0.0.0/0', gw: '10.9.0.1' }],
  });
  expect(ipam.allocated()).toContain(address.local);
});

test('a pod and a third host reach one another', () => {
  const pod = network.pod('b');
  const { json } = plugin.add('b', pod);
  expect(network.other.reaches(json.ips[0].address.replace('/16', ''))).toBe(true);
  expect(pod.reaches('10.9.0.99')).toBe(true);
});

test('two pods of one node reach one another', () => {
  const [first, second] = [network.pod('c'), network.pod('d')];
  const [one, two] = [plugin.add('c', first), plugin.add('d', second)];
  expect(first.reaches(two.json.ips[0].address.replace('/16', ''))).toBe(true);
  expect(second.reaches(one.json.ips[0].address.replace('/16', ''))).toBe(true);
});

test('the LAN hears of the address at once (gratuitous ARP)', async () => {
  const capture = await Capture.start(network.switch, 'lan', 'arp');
  const { json } = plugin.add('e', network.pod('e'));
  const ip = json.ips[0].address.replace('/16', '');
  const frames = await capture.stop();
  expect(
    frames.filter(
      (line) =>
        line.includes(`who-has ${ip} (ff:ff:ff:ff:ff:ff) tell ${ip}`) ||
        line.includes(`who-has ${ip} tell ${ip}`),
    ),
  ).not.toEqual([]);
});

test('a second ADD of the same attachment fails, and the first keeps link and address', () => {
  const pod = network.pod('f');
  const first = plugin.add('f', pod);
  const before = pod.ask('address show eth0');
  const second = plugin.add('f', pod);
  expect(second.status).toBe(1);
  expect(second.json).toMatchObject({ code: 101, msg: expect.stringContaining('eth0 already') });
  expect(pod.ask('address show eth0')).toEqual(before);
  expect(ipam.allocated()).toContain(first.json.ips[0].address.replace('/16', ''));
});

test('MAC and address that the runtime wants are given', () => {
  const pod = network.pod('g');
  const args =
    'IP=10.9.1.77;IgnoreUnknown=1;MAC=02:00:00:00:00:77;K8S_POD_NAME=web;K8S_POD_NAMESPACE=shop;X=1';
  const { json } = plugin.add('g', pod, { args });
  expect(json.ips[0].address).toBe('10.9.1.77/16');
  expect(pod.ask('link show eth0')[0].address).toBe('02:00:00:00:00:77');
});

describe('a pod that wants to keep its address by annotation', () => {
  const args = 'IgnoreUnknown=1;K8S_POD_NAME=db-0;K8S_POD_NAMESPACE=shop';
  const annotated = (texts: object) => ({
    args,
    conf: { runtimeConfig: { 'io.kubernetes.cri.pod-annotations': texts } },
  });

  test('gets it again in its next sandbox', () => {
    const more = annotated({ 'realip.io/sticky': 'pod', 'realip.io/retain': '1h' });
    const pod = network.pod('s1');
    const { address } = plugin.add('s1', pod, more).json.ips[0];
    expect(plugin.del('s1', pod.path, more).status).toBe(0);
    expect(ipam.address(address.replace('/16', ''))).toMatchObject({ state: 'reserved' });
    expect(plugin.add('s2', network.pod('s2')).json.ips[0].address).not.toBe(address);
    expect(plugin.add('s3', network.pod('s3'), more).json.ips[0].address).toBe(address);
  });

  test('is told by code 7 which annotation cannot be understood, and leaves nothing', () => {
    const before = ipam.allocated();
    const pod = network.pod('s4');
    const refused = plugin.add('s4', pod, annotated({ 'realip.io/sticky': 'foo' }));
    expect(refused).toMatchObject({ status: 1, json: { code: 7 } });
    expect(refused.stdout).toContain('realip.io/sticky');
    expect(ipam.allocated()).toEqual(before);
    expect(pod.ask('link show')).toHaveLength(1);
  });

  test('is told by the server’s words that its workload is not known', () => {
    const pod = network.pod('s5');
    const refused = plugin.add('s5', pod, annotated({ 'realip.io/sticky': 'owner' }));
    expect(refused.status).toBe(1);
    expect(refused.stdout).toContain('OWNER_UNKNOWN');
  });
});

test('mtu, sysctl and mode of the configuration reach the pod', () => {
  const pod = network.pod('h');
  const conf = {
    mtu: 1400,
    mode: 'private',
    hostAccess: 'none',
    sysctl: { 'net/ipv4/conf/eth0/rp_filter': '2' },
  };
  expect(plugin.add('h', pod, { conf }).status).toBe(0);
  expect(pod.ask('link show eth0')[0]).toMatchObject({
    mtu: 1400,
    linkinfo: { info_data: { mode: 'private' } },
  });
  expect(pod.run('cat', ['/proc/sys/net/ipv4/conf/eth0/rp_filter']).stdout).toBe('2\n');
});

test('no router on the LAN gives a pod an address or a route', () => {
  const pod = network.pod('i');
  plugin.add('i', pod);
  const read = (key: string) => pod.run('cat', [`/proc/sys/net/ipv6/conf/eth0/${key}`]).stdout.trim();
  expect([read('accept_ra'), read('autoconf')]).toEqual(['0', '0']);
  const other = network.pod('j');
  plugin.add('j', other, { conf: { sysctl: { 'net/ipv6/conf/eth0/accept_ra': '2' } } });
  expect(other.run('cat', ['/proc/sys/net/ipv6/conf/eth0/accept_ra']).stdout).toBe('2\n');
});

test('what earlier plugins of the chain made stays in the result', () => {
  const prevResult = {
    cniVersion: '1.0.0',
    interfaces: [{ name: 'lo', mac: '', sandbox: '/x' }],
    ips: [{ address: '127.0.0.1/8', interface: 0 }],
    routes: [],
    dns: {},
  };
  const { json } = plugin.add('k', network.pod('k'), { conf: { prevResult } });
  expect(json.interfaces.map((each: { name: string }) => each.name)).toEqual(['lo', 'eth0']);
  expect(json.ips.map((each: { interface: number }) => each.interface)).toEqual([0, 1]);
});

test('the plugin’s own namespace is used where the caller insists (CNI_NETNS_OVERRIDE)', () => {
  const conf = { hostAccess: 'none' };
  const call = {
    id: 'own',
    netns: network.node.path,
    ifname: 'own0',
    conf,
    env: { CNI_NETNS_OVERRIDE: '1' },
  };
  const before = network.node.ask('link show').map(({ ifname }) => ifname);
  expect(plugin.call({ ...call, command: 'ADD' }).status).toBe(0);
  expect(network.node.ask('link show own0')).toMatchObject([{ linkinfo: { info_kind: 'macvlan' } }]);
  expect(plugin.call({ ...call, command: 'DEL', env: {} }).json).toMatchObject({ code: 4 });
  expect(plugin.call({ ...call, command: 'DEL' })).toMatchObject({ status: 0, stdout: '' });
  expect(network.node.ask('link show').map(({ ifname }) => ifname)).toEqual(before);
});
