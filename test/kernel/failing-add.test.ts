import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { type Answer, Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.8', end: '10.9.1.9' });
  plugin = new Plugin(network.node);
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

/** One error object, exit status 1, and no trace in pod, host and ledger. */
function expectNothing(answer: Answer, pod: Host, error: object): void {
  expect(answer.status).toBe(1);
  expect(answer.json).toMatchObject({ cniVersion: '1.0.0', details: expect.any(String), ...error });
  expect(pod.ask('link show').map((link) => link.ifname)).toEqual(['lo']);
  expect(network.node.ask('route show proto 82')).toEqual([]);
  expect(ipam.allocated()).toEqual([]);
}

test('a device of the shim’s name that is no shim', () => {
  const pod = network.pod('shim');
  const shim = `realip${network.node.ask('link show eth0')[0].ifindex}`;
  network.node.ip(`link add ${shim} type bridge`);
  const answer = plugin.add('shim', pod);
  network.node.ip(`link delete ${shim}`);
  expectNothing(answer, pod, { code: 103, msg: expect.stringContaining(shim) });
});

test('an MTU above the master’s', () => {
  const pod = network.pod('mtu');
  const answer = plugin.add('mtu', pod, { conf: { mtu: 9000 } });
  expectNothing(answer, pod, { code: 7, msg: expect.stringContaining('1500') });
});

test('a master that is part of a bridge, said in words', () => {
  const pod = network.pod('port');
  network.node.ip('link add bridge type bridge');
  network.node.ip('link add port type veth peer name far');
  network.node.ip('link set port master bridge');
  const answer = plugin.add('port', pod, { conf: { master: 'port' } });
  network.node.ip('link delete port');
  network.node.ip('link delete bridge');
  expectNothing(answer, pod, { code: 102, msg: expect.stringMatching(/EBUSY.*port is part of a bridge/) });
});

test('an interface name that the kernel would take for a pattern', () => {
  const pod = network.pod('pattern');
  expectNothing(plugin.add('pattern', pod, { ifname: 'eth%d' }), pod, { code: 4, cniVersion: '1.1.0' });
});

test('a master that is not there', () => {
  const pod = network.pod('master');
  const answer = plugin.add('master', pod, { conf: { master: 'eth7' } });
  expectNothing(answer, pod, { code: 100, msg: 'MASTER_MISSING: there is no interface eth7 on this node' });
});

test('a namespace that is not there', () => {
  const pod = network.pod('netns');
  const answer = plugin.add('netns', pod, { netns: '/var/run/netns/nothing-here' });
  expectNothing(answer, pod, { code: 4 });
});

test('the plugin’s own namespace', () => {
  const pod = network.pod('own');
  const before = network.node.ask('link show');
  const answer = plugin.add('own', pod, { netns: network.node.path });
  expectNothing(answer, pod, { code: 4, msg: expect.stringContaining('CNI_NETNS') });
  expect(network.node.ask('link show')).toEqual(before);
});

test('a sysctl that the kernel has not: the step before it is taken back, the address is free', () => {
  const pod = network.pod('sysctl');
  const answer = plugin.add('sysctl', pod, { conf: { sysctl: { 'net/ipv4/conf/eth0/nonsense': '1' } } });
  expectNothing(answer, pod, { code: 102, msg: expect.stringContaining('net/ipv4/conf/eth0/nonsense') });
});

test('a MAC that the master has itself', () => {
  const pod = network.pod('own-mac');
  const { address } = network.node.ask('link show eth0')[0];
  const answer = plugin.add('own-mac', pod, { args: `MAC=${address}` });
  expectNothing(answer, pod, { code: 102, msg: expect.stringContaining(`the MAC ${address} is eth0's own`) });
});

test('a MAC that another interface has: link, host route and address are taken back', () => {
  const pod = network.pod('mac');
  // The twin's MAC is on the port already, so that the pod's interface can't go up.
  network.node.ip('link add twin link eth0 address 02:00:00:00:00:88 type macvlan mode bridge');
  network.node.ip('link set twin up');
  const answer = plugin.add('mac', pod, { args: 'MAC=02:00:00:00:00:88' });
  network.node.ip('link delete twin');
  const msg = expect.stringMatching(/02:00:00:00:00:88 is another interface's on eth0.*EADDRINUSE/);
  expectNothing(answer, pod, { code: 102, msg });
});

test('no address free', () => {
  const pods = ['one', 'two', 'three'].map((name) => network.pod(name));
  const answers = pods.map((pod, index) => plugin.add(`full${index}`, pod));
  expect(answers.map(({ status }) => status)).toEqual([0, 0, 1]);
  expect(answers[2]?.json).toMatchObject({ code: 11, msg: expect.stringContaining('RANGE_EXHAUSTED') });
  expect(pods[2]?.ask('link show')).toHaveLength(1);
  pods.forEach((pod, index) => {
    plugin.del(`full${index}`, pod.path);
  });
  expect(ipam.allocated()).toEqual([]);
});

test('a result that nobody can be given: the exit status says so, and DEL takes all back', () => {
  const pod = network.pod('mute');
  const full = ['sh', '-c', 'exec "$0" > /dev/full'];
  expect(plugin.add('mute', pod, { under: full })).toMatchObject({ status: 1, stdout: '' });
  expect(plugin.del('mute', pod.path).status).toBe(0);
  expect(pod.ask('link show')).toHaveLength(1);
  expect(ipam.allocated()).toEqual([]);
});

test('no server', () => {
  const pod = network.pod('away');
  const ipamConf = {
    ...(plugin.conf['ipam'] as object),
    server: ['http://127.0.0.1:1', 'http://127.0.0.1:2'],
  };
  const answer = plugin.add('away', pod, { conf: { ipam: ipamConf } });
  expectNothing(answer, pod, { code: 11, msg: expect.stringContaining('127.0.0.1:2') });
});
