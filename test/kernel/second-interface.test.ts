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

type Route = { dst: string; gateway?: string; metric?: number };

test('a second interface leaves the first one its routes, and keeps its own when the first has gone', () => {
  const pod = network.pod('a');
  const routes = (dev: string): Route[] => pod.ask(`route show dev ${dev}`);
  const first = plugin.add('a', pod).json;
  const before = routes('eth0');
  const second = plugin.add('a', pod, { ifname: 'net1' });
  expect(second.status).toBe(0);
  expect(routes('eth0')).toEqual(before);
  expect(pod.ask('route get 192.0.2.1')).toMatchObject([{ dev: 'eth0' }]);
  expect(plugin.check('a', pod, first).stdout).toBe('');
  const check = { command: 'CHECK', id: 'a', netns: pod.path, ifname: 'net1' };
  expect(plugin.call({ ...check, conf: { prevResult: second.json } })).toMatchObject({
    status: 0,
    stdout: '',
  });

  expect(plugin.del('a', pod.path, { conf: { prevResult: first } }).status).toBe(0);
  expect(pod.ask('route get 192.0.2.1')).toMatchObject([{ dev: 'net1' }]);
  expect(ipam.allocated()).toHaveLength(1);
});

test('DEL finds the host’s route to a pod that changed its own address', () => {
  const pod = network.pod('a');
  const prevResult = plugin.add('a', pod).json;
  const [given] = ipam.allocated();
  pod.ip(`address delete ${given}/16 dev eth0`);
  pod.ip('address add 10.9.7.7/16 dev eth0');
  expect(network.node.ask('route show proto 82')).toHaveLength(1);
  expect(plugin.del('a', pod.path).status).toBe(0);
  expect(network.node.ask('route show proto 82')).toEqual([]);
  expect(ipam.allocated()).toEqual([]);
  expect(plugin.del('a', pod.path, { conf: { prevResult } }).status).toBe(0);
});
