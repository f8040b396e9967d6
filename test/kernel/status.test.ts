import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { type Answer, Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.1' });
  plugin = new Plugin(network.node, { cniVersion: '1.1.0' });
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

const status = (conf: object = {}): Answer => plugin.call({ command: 'STATUS', id: '', netns: '', conf });
const ipamWith = (change: object) => ({ ipam: { ...(plugin.conf['ipam'] as object), ...change } });
const says = (code: number, words: string | RegExp) => ({
  status: 1,
  json: { cniVersion: '1.1.0', code, msg: expect.stringMatching(words) },
});

test('ready: nothing on stdout', () => {
  expect(status()).toMatchObject({ status: 0, stdout: '' });
});

test('STATUS is of 1.1.0', () => {
  expect(status({ cniVersion: '1.0.0' }).json).toMatchObject({ code: 1 });
});

test.each([
  ['without server', { server: 'http://127.0.0.1:1' }, '127.0.0.1:1'],
  ['for a node that the server doesn’t know', { node: 'n9' }, 'n9'],
  [
    'for a subnet without a range for this node',
    { subnet: 'elsewhere' },
    'no enabled range in subnet elsewhere',
  ],
  ['for a family without a range for this node', { families: ['ipv4', 'ipv6'] }, 'no enabled ipv6 range'],
])('code 50 %s', (_, change, words) => {
  expect(status(ipamWith(change))).toMatchObject(says(50, words));
});

test('code 50 where the master is missing or smaller than the MTU, and no pod is there', () => {
  expect(status({ master: 'eth7' })).toMatchObject(says(50, 'eth7'));
  expect(status({ mtu: 9000 })).toMatchObject(says(50, '1500'));
});

test('code 50 when no address is free, and none when one is again', () => {
  const pods = ['one', 'two'].map((id) => ({ id, pod: network.pod(id) }));
  for (const { id, pod } of pods) {
    expect(plugin.add(id, pod).status).toBe(0);
  }
  expect(status()).toMatchObject(says(50, /lan-n1 \(2 of 2 in use\)/));
  plugin.del('one', pods[0]?.pod.path ?? '');
  expect(status()).toMatchObject({ status: 0, stdout: '' });
  plugin.del('two', pods[1]?.pod.path ?? '');
});

test('a master without carrier: code 50, and 51 while pods of the network live', () => {
  const pod = network.pod('living');
  plugin.add('living', pod);
  network.switch.ip('link set node down');
  expect(status()).toMatchObject(says(51, 'eth0 is down or has no carrier'));
  expect(status({ name: 'other' })).toMatchObject(says(50, 'no carrier'));
  network.switch.ip('link set node up');
  network.node.ip('link set eth0 down');
  expect(status(ipamWith({ server: 'http://127.0.0.1:1' }))).toMatchObject(says(51, 'eth0 is down'));
  network.node.ip('link set eth0 up');
  expect(status()).toMatchObject({ status: 0 });
  plugin.del('living', pod.path);
});

test('a master that is gone took the pods’ interfaces along: code 51 by the ledger’s word', () => {
  const pod = network.pod('bereft');
  plugin.add('bereft', pod);
  network.node.ip('link delete eth0');
  expect(pod.ask('link show')).toHaveLength(1);
  expect(status()).toMatchObject(says(51, 'no interface eth0'));
  plugin.del('bereft', pod.path);
  expect(status()).toMatchObject(says(50, 'no interface eth0'));
});
