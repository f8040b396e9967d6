import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;
let ownMac: string;

beforeAll(async () => {
  network = new Network();
  // A NIC of its own for pods, as an SR-IOV VF would be.
  network.switch.ip(`link add nic type veth peer name eth1 netns ${network.node.name}`);
  network.switch.ip('link set nic master lan up');
  network.node.ip('link set eth1 up');
  ownMac = masterMac();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  plugin = new Plugin(network.node, { master: 'eth1', mode: 'passthru', hostAccess: 'none' });
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

function masterMac(): string {
  return network.node.ask('link show eth1')[0].address;
}

test('the pod has the interface for itself, its MAC included, and the interface gets its own back', () => {
  const pod = network.pod('a');
  const { status, json } = plugin.add('a', pod);
  expect(status).toBe(0);
  const [link] = pod.ask('link show eth0');
  expect(link).toMatchObject({ linkinfo: { info_data: { mode: 'passthru', nopromisc: true } } });
  expect(json.interfaces[0].mac).toBe(link.address);
  expect(link.address).toMatch(/^0a:58:/);
  expect(masterMac()).toBe(link.address);
  expect(network.node.ask('link show eth1')[0].promiscuity).toBe(0);
  expect(pod.reaches('10.9.0.99')).toBe(true);
  expect(network.other.reaches(json.ips[0].address.replace('/16', ''))).toBe(true);
  expect(plugin.check('a', pod, json)).toMatchObject({ status: 0, stdout: '' });
  expect(plugin.del('a', pod.path).status).toBe(0);
  expect(masterMac()).toBe(ownMac);
});

test('with mac "master" the interface keeps its own MAC throughout', () => {
  const pod = network.pod('b');
  const { json } = plugin.add('b', pod, { conf: { mac: 'master' } });
  expect(json.interfaces[0].mac).toBe(ownMac);
  expect(pod.ask('link show eth0')[0].address).toBe(ownMac);
  expect(network.other.reaches(json.ips[0].address.replace('/16', ''))).toBe(true);
  expect(plugin.del('b', pod.path).status).toBe(0);
});

test('a second pod is refused in words, whichever of the two is passthru', () => {
  const [first, second] = [network.pod('c'), network.pod('d')];
  expect(plugin.add('c', first).status).toBe(0);
  expect(plugin.add('d', second).json).toMatchObject({
    code: 102,
    msg: expect.stringContaining('gives eth1 to one pod alone'),
  });
  expect(plugin.add('d', second, { conf: { mode: 'bridge' } }).json).toMatchObject({
    code: 102,
    msg: expect.stringContaining('a pod in mode "passthru" may have eth1 for itself'),
  });
  expect(second.ask('link show')).toHaveLength(1);
  expect(ipam.allocated()).toHaveLength(1);
  expect(plugin.del('c', first.path).status).toBe(0);
  expect(plugin.add('d', second, { conf: { mode: 'bridge' } }).status).toBe(0);
  expect(plugin.add('c', first).json).toMatchObject({ code: 102 });
  expect(plugin.del('d', second.path).status).toBe(0);
});

test('without a master by name it is refused: the pod would take the node’s own interface', () => {
  const answer = plugin.add('e', network.pod('e'), { conf: { master: undefined } });
  expect(answer.json).toMatchObject({ code: 7, msg: expect.stringContaining('name it as master') });
});

test('a master that the node itself uses is taken, with a warning', () => {
  network.node.ip('address add 10.9.0.12/16 dev eth1');
  const pod = network.pod('f');
  const { status, stderr } = plugin.add('f', pod);
  network.node.ip('address delete 10.9.0.12/16 dev eth1');
  expect(status).toBe(0);
  expect(stderr).toContain('10.9.0.12');
  expect(plugin.del('f', pod.path).status).toBe(0);
});
