import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeEach(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  plugin = new Plugin(network.node);
});

afterEach(async () => {
  await ipam?.stop();
  network?.remove();
});

const bare = ({ json }: ReturnType<Plugin['add']>): string => json.ips[0].address.replace('/16', '');

function expectGone(netns: string, conf: object = {}): void {
  expect(plugin.del('a', netns, { conf })).toMatchObject({ status: 0, stdout: '' });
  expect(network.node.ask('route show proto 82')).toEqual([]);
  expect(ipam.allocated()).toEqual([]);
}

test('a master that is a macvlan itself: the pod is on its lower device', () => {
  network.node.ip('link add upper link eth0 type macvlan mode bridge');
  network.node.ip('link set upper up');
  const pod = network.pod('a');
  const conf = { master: 'upper' };
  const answer = plugin.add('a', pod, { conf });
  expect(answer.status).toBe(0);
  expect(network.other.reaches(bare(answer))).toBe(true);
  expect(plugin.check('a', pod, answer.json, conf)).toMatchObject({ status: 0 });
  expectGone(pod.path, conf);
});

test('a master that is down: the pod starts, and is there when the master comes up', () => {
  network.node.ip('link set eth0 down');
  const pod = network.pod('a');
  const answer = plugin.add('a', pod);
  expect(answer.status).toBe(0);
  expect(answer.stderr).toContain('no carrier');
  network.node.ip('link set eth0 up');
  expect(network.other.reaches(bare(answer))).toBe(true);
  network.node.ip('link set eth0 down');
  expectGone(pod.path);
});

test('a master that was renamed since: CHECK says so, DEL leaves nothing', () => {
  const pod = network.pod('a');
  const { json } = plugin.add('a', pod);
  network.node.ip('link set eth0 down');
  network.node.ip('link set eth0 name lan0');
  network.node.ip('link set lan0 up');
  expect(plugin.check('a', pod, json).json).toMatchObject({
    code: 100,
    msg: expect.stringContaining('there is no interface eth0'),
  });
  expectGone(pod.path, { prevResult: json });
  expect(pod.ask('link show')).toHaveLength(1);
});

test('a master that is gone: CHECK says so', () => {
  const pod = network.pod('a');
  const { json } = plugin.add('a', pod);
  network.node.ip('link delete eth0');
  expect(plugin.check('a', pod, json).json).toMatchObject({ code: 100 });
  expectGone(pod.path, { prevResult: json });
});

test('a master whose MTU was lowered takes its pods along, and CHECK says so', () => {
  const pod = network.pod('a');
  // Results tell the MTU since this version.
  const conf = { cniVersion: '1.1.0' };
  const { json } = plugin.add('a', pod, { conf });
  network.node.ip('link set eth0 mtu 1400');
  expect(pod.ask('link show eth0')[0].mtu).toBe(1400);
  const fault = { code: 104, msg: expect.stringContaining('MTU 1400 and not 1500') };
  expect(plugin.check('a', pod, json, conf).json).toMatchObject(fault);
  // Raising it again doesn’t reach the pods.
  network.node.ip('link set eth0 mtu 1500');
  expect(plugin.check('a', pod, json, conf).json).toMatchObject(fault);
});

test('a MAC that is multicast, or another interface’s on the master, is refused in words', () => {
  const pod = network.pod('a');
  expect(plugin.add('a', pod, { args: 'MAC=01:00:5e:00:00:01' }).json.msg).toContain('not unicast');
  const { address } = network.node.ask('link show eth0')[0];
  const { json } = plugin.add('a', pod, { args: `MAC=${address}` });
  expect(json).toMatchObject({ code: 102, msg: expect.stringContaining(address) });
  expect(pod.ask('link show')).toHaveLength(1);
  expect(ipam.allocated()).toEqual([]);
});
