import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answersOf, Echo, echoPort } from '../kernel/echo.ts';
import type { Host } from '../kernel/host.ts';
import { IpamServer, url } from '../kernel/ipam.ts';
import { Network } from '../kernel/network.ts';
import { CniTool } from './cnitool.ts';

const minutes = 60_000;
const stateDir = mkdtempSync(join(tmpdir(), 'realip-state-'));
let network: Network;
let ipam: IpamServer;
let tool: CniTool;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  ipam.prepareIpv6();
  // The first time upstream's programs are built.
  tool = new CniTool(network.node);
}, 10 * minutes);

// A test that failed leaves the others a clean node.
afterEach(() => {
  use('1.1.0', realip);
  tool.call('gc', 'real', { path: '/nowhere' });
});

afterAll(async () => {
  tool?.remove();
  await ipam?.stop();
  network?.remove();
  rmSync(stateDir, { recursive: true });
});

const realip = {
  type: 'realip',
  master: 'eth0',
  capabilities: { mac: true, ips: true },
  ipam: { type: 'realip-ipam', server: url, node: 'n1', stateDir },
};
const portmap = { type: 'portmap', capabilities: { portMappings: true } };
const bandwidth = { type: 'bandwidth', capabilities: { bandwidth: true } };
const firewall = { type: 'firewall', backend: 'iptables' };
const mapping = { portMappings: [{ hostPort: 9090, containerPort: 80, protocol: 'tcp' }] };

function use(cniVersion: string, ...plugins: object[]): void {
  tool.use({ name: 'real', cniVersion, plugins });
}

/** Rules of the node that name an address. */
function rules(ip: string): string[] {
  const { stdout } = network.node.run('iptables-save', [], '', { PATH: '/usr/sbin:/sbin:/usr/bin:/bin' });
  return stdout.split('\n').filter((line) => line.includes(ip));
}

function expectNothing(pod: Host): void {
  expect(pod.ask('link show').map((link) => link.ifname)).toEqual(['lo']);
  expect(network.node.ask('route show proto 82')).toEqual([]);
  expect(ipam.allocated()).toEqual([]);
}

test.each(['0.3.1', '0.4.0', '1.0.0', '1.1.0'])(
  '%s: tuning, portmap and firewall after realip, from ADD to DEL',
  (version) => {
    const pod = network.pod(`all${version}`);
    const sysctl = { 'net.ipv4.conf.eth0.log_martians': '1' };
    const tuning = { type: 'tuning', mtu: 1300, promisc: true, sysctl };
    // Upstream's firewall came with 0.4.0.
    use(version, realip, tuning, portmap, ...(version === '0.3.1' ? [] : [firewall]));
    const { json, stderr } = tool.call('add', 'real', pod, mapping);
    expect(stderr).toBe('');
    expect(json.cniVersion).toBe(version);
    const [link] = pod.ask('address show eth0');
    expect(link).toMatchObject({ mtu: 1300, promiscuity: 1, operstate: 'UP' });
    expect(link.flags).toContain('PROMISC');
    const [four, six] = json.ips.map(({ address }: { address: string }) => address.replace(/\/.*/, ''));
    expect(link.addr_info.map(({ local }: { local: string }) => local)).toEqual(
      expect.arrayContaining([four, six]),
    );
    expect(json.interfaces).toMatchObject([{ name: 'eth0', mac: link.address, sandbox: pod.path }]);
    expect(rules(four).some((rule) => rule.includes(`--to-destination ${four}:80`))).toBe(true);
    expect(network.node.reaches(four)).toBe(true);
    expect(network.other.reaches(four)).toBe(true);

    if (version !== '0.3.1') {
      expect(tool.call('check', 'real', pod, mapping)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    }
    if (version === '1.1.0') {
      expect(tool.call('status', 'real', pod)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    }
    expect(tool.call('del', 'real', pod, mapping)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expectNothing(pod);
    expect(rules(four)).toEqual([]);
    expect(tool.call('del', 'real', pod, mapping).status).toBe(0);
  },
  minutes,
);

test('the capabilities mac and ips reach the pod through libcni', () => {
  const pod = network.pod('caps');
  use('1.0.0', realip);
  const wanted = { mac: '02:00:00:00:00:42', ips: ['10.9.1.42/16'] };
  expect(tool.call('add', 'real', pod, wanted).json).toMatchObject({
    interfaces: [{ mac: wanted.mac }],
    ips: [{ address: '10.9.1.42/16' }, {}],
  });
  expect(pod.ask('link show eth0')[0].address).toBe(wanted.mac);
  expect(tool.call('check', 'real', pod, wanted).stderr).toBe('');
  expect(tool.call('del', 'real', pod, wanted).status).toBe(0);
  expectNothing(pod);
});

test('a MAC that tuning changed is the one that CHECK expects', () => {
  const pod = network.pod('tuned');
  use('1.0.0', { ...realip, hostAccess: 'none' }, { type: 'tuning', mac: '02:00:00:00:00:99' });
  const { json } = tool.call('add', 'real', pod);
  expect(json.interfaces).toMatchObject([{ mac: '02:00:00:00:00:99' }]);
  expect(tool.call('check', 'real', pod)).toMatchObject({ status: 0, stderr: '' });
  expect(network.other.reaches(json.ips[0].address.replace('/16', ''))).toBe(true);
  expect(tool.call('del', 'real', pod).status).toBe(0);
  expectNothing(pod);
});

test('CHECK through the chain finds what is gone, and an MTU that nobody of the chain has set', () => {
  const pod = network.pod('broken');
  use('1.1.0', realip, { type: 'tuning', promisc: true });
  tool.call('add', 'real', pod);
  pod.ip('link set eth0 mtu 1300');
  expect(tool.call('check', 'real', pod)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('has the MTU 1300 and not 1500'),
  });
  pod.ip('link set eth0 mtu 1500');
  pod.ip('address flush dev eth0');
  expect(tool.call('check', 'real', pod)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('has no address 10.9.1.'),
  });
  expect(tool.call('del', 'real', pod).status).toBe(0);
  expectNothing(pod);
});

test('a plugin that fails later in the chain: after the runtime’s DEL nothing is left', () => {
  const pod = network.pod('failing');
  use('1.0.0', realip, { type: 'tuning', sysctl: { 'net.ipv4.conf.eth0.nonsense': '1' } });
  expect(tool.call('add', 'real', pod).status).toBe(1);
  expect(pod.ask('link show eth0')).toHaveLength(1);
  expect(tool.call('del', 'real', pod)).toMatchObject({ status: 0, stderr: '' });
  expectNothing(pod);
});

test('routes that sbr moved to a table of the pod’s address are where CHECK finds them', () => {
  const pod = network.pod('sbr');
  use('1.0.0', { ...realip, hostAccess: 'none' }, { type: 'sbr' });
  const { json } = tool.call('add', 'real', pod);
  expect(pod.ask('route show default')).toEqual([]);
  expect(pod.ask('route show table 100')).toContainEqual(
    expect.objectContaining({ dst: 'default', gateway: '10.9.0.1', dev: 'eth0' }),
  );
  expect(tool.call('check', 'real', pod).stderr).toBe('');
  expect(network.other.reaches(json.ips[0].address.replace('/16', ''))).toBe(true);
  expect(tool.call('del', 'real', pod).status).toBe(0);
  expectNothing(pod);
});

test('with hostAccess CHECK says that sbr threw the routes to the node away', () => {
  const pod = network.pod('sbr-host');
  use('1.0.0', realip, { type: 'sbr' });
  tool.call('add', 'real', pod);
  const gone = expect.stringContaining('the route to 10.9.0.11/32 via 169.254.1.1 is gone');
  expect(tool.call('check', 'real', pod)).toMatchObject({ status: 1, stderr: gone });
  expect(tool.call('del', 'real', pod).status).toBe(0);
  expectNothing(pod);
});

test('a pod behind its node (ptp) may be tuned; CHECK says when that took the way to its node', () => {
  const [pod, deaf] = [network.pod('ptp-tuned'), network.pod('ptp-deaf')];
  const ptp = { ...realip, dataplane: 'ptp' };
  use('1.0.0', ptp, { type: 'tuning', mtu: 1300, promisc: true });
  const { json } = tool.call('add', 'real', pod);
  expect(pod.ask('link show eth0')).toMatchObject([{ mtu: 1300 }]);
  expect(network.other.reaches(json.ips[0].address.replace('/16', ''))).toBe(true);
  expect(tool.call('check', 'real', pod).stderr).toBe('');
  expect(tool.call('del', 'real', pod)).toMatchObject({ status: 0, stderr: '' });
  for (const [plugin, words] of [
    [{ type: 'tuning', mac: '02:00:00:00:00:98' }, 'permanent neighbour 169.254.1.1'],
    [{ type: 'sbr' }, 'the route to 10.9.0.0/16 via 169.254.1.1 is gone'],
  ] as const) {
    use('1.0.0', ptp, plugin);
    expect(tool.call('add', 'real', deaf).status).toBe(0);
    expect(tool.call('check', 'real', deaf)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(words),
    });
    expect(tool.call('del', 'real', deaf).status).toBe(0);
  }
  [pod, deaf].forEach(expectNothing);
});

test.each(['0.4.0', '1.0.0', '1.1.0'])(
  '%s: a pod behind its node (ptp) is limited by bandwidth and reached by portmap, from ADD to DEL',
  async (version) => {
    const pod = network.pod(`ptp${version}`);
    const limits = {
      ingressRate: 8_000_000,
      ingressBurst: 8_000_000,
      egressRate: 4_000_000,
      egressBurst: 4_000_000,
    };
    const published = { hostPort: 80, containerPort: echoPort, protocol: 'tcp' };
    const known = { portMappings: [published], bandwidth: limits };
    use(version, { ...realip, dataplane: 'ptp' }, { ...portmap, snat: false }, firewall, bandwidth);
    const { json, stderr } = tool.call('add', 'real', pod, known);
    expect(stderr).toBe('');
    const [own, end] = json.interfaces;
    expect(own).toMatchObject({ name: 'eth0', sandbox: pod.path });
    const [link] = network.node.ask(`link show ${end.name}`);
    expect(end).toEqual(expect.objectContaining({ name: link.ifname, mac: link.address }));
    expect(end).not.toHaveProperty('sandbox');
    expect(link.ifindex).toBe(pod.ask('link show eth0')[0].link_index);
    expect(network.node.run('tc', ['qdisc', 'show', 'dev', end.name]).stdout).toMatch(/tbf .*rate 8Mbit/);
    expect(network.node.ask('link show type ifb')).toHaveLength(1);
    const four = json.ips[0].address.replace('/16', '');
    const echo = await Echo.start(pod, 'pod');
    // By the node's address from outside: what can't work on a macvlan.
    const answers = answersOf(network.other, ['10.9.0.11']);
    await echo.stop();
    expect(answers).toMatchObject({ 'tcp 10.9.0.11': 'pod 10.9.0.99' });
    expect(tool.call('check', 'real', pod, known)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(tool.call('del', 'real', pod, known)).toMatchObject({ status: 0, stderr: '' });
    expectNothing(pod);
    expect(network.node.ask('link show type ifb')).toEqual([]);
    expect(network.node.ask('link show type veth')).toHaveLength(1);
    expect(rules(four)).toEqual([]);
  },
  minutes,
);

test('bandwidth, which needs a veth, leaves a macvlan alone and refuses to limit it', () => {
  const limits = { bandwidth: { ingressRate: 1_000_000, ingressBurst: 1_000_000 } };
  const pods = ['free', 'limited'].map((name) => network.pod(name));
  use('1.0.0', realip, bandwidth);
  const [free, limited] = pods.map((pod, index) => tool.call('add', 'real', pod, index === 0 ? {} : limits));
  expect(free).toMatchObject({ status: 0, json: { interfaces: [{ name: 'eth0' }] } });
  expect(limited).toMatchObject({ status: 1, stderr: expect.stringContaining('veth') });
  for (const pod of pods) {
    expect(tool.call('del', 'real', pod).status).toBe(0);
  }
  pods.forEach(expectNothing);
});

test('GC by libcni takes all that it has cached of the network', () => {
  const pods = ['gc1', 'gc2'].map((name) => network.pod(name));
  use('1.1.0', realip, portmap);
  for (const pod of pods) {
    expect(tool.call('add', 'real', pod, mapping).stderr).toBe('');
  }
  expect(tool.call('gc', 'real', { path: '/nowhere' })).toMatchObject({ status: 0, stdout: '', stderr: '' });
  pods.forEach(expectNothing);
});

test('STATUS by libcni says why the network is not ready', () => {
  use('1.1.0', { ...realip, master: 'eth7' }, portmap);
  expect(tool.call('status', 'real', { path: '/nowhere' })).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('there is no interface eth7'),
  });
});
