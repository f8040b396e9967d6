import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;
let count = 0;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  plugin = new Plugin(network.node, { hostRoutes: ['10.96.0.0/12'] });
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

interface Added {
  readonly id: string;
  readonly pod: Host;
  // biome-ignore lint/suspicious/noExplicitAny: the plugin's result, spoilt field by field below
  readonly result: any;
}

function added(): Added {
  const id = `c${++count}`;
  const pod = network.pod(id);
  return { id, pod, result: plugin.add(id, pod).json };
}

test('what ADD made is as it was, with nothing on stdout', () => {
  const { id, pod, result } = added();
  expect(plugin.check(id, pod, result)).toMatchObject({ status: 0, stdout: '' });
});

test.each(['0.4.0', '1.0.0', '1.1.0'])('what ADD made under %s is as it was', (cniVersion) => {
  const id = `c${++count}`;
  const pod = network.pod(id);
  const result = plugin.add(id, pod, { conf: { cniVersion, mtu: 1400 } }).json;
  const conf = { cniVersion, mtu: 1400 };
  expect(plugin.check(id, pod, result, conf)).toMatchObject({ status: 0, stdout: '' });
  pod.ip('link set eth0 mtu 1300');
  expect(plugin.check(id, pod, result, conf).json).toMatchObject({ cniVersion, code: 104 });
});

test.each([
  ['another interface', { interfaces: [{ name: 'eth1', mac: '02:00:00:00:00:01', sandbox: '/x' }] }],
  ['no address', { ips: [] }],
  ['a MAC that is none', { interfaces: [{ name: 'eth0', mac: 'x' }] }],
])('a prevResult with %s is refused', (_, change) => {
  const { id, pod, result } = added();
  const [own] = result.interfaces;
  const interfaces = ('interfaces' in change ? change.interfaces : [{}]).map((each) => ({ ...own, ...each }));
  const answer = plugin.check(id, pod, { ...result, ...change, interfaces });
  expect(answer).toMatchObject({ status: 1, json: { code: expect.any(Number) } });
  expect([7, 104]).toContain(answer.json.code);
});

test('later plugins may add addresses and routes, and change what the final result says', () => {
  const { id, pod, result } = added();
  pod.ip('address add 192.0.2.7/24 dev eth0');
  pod.ip('route add 198.51.100.0/24 via 10.9.0.9');
  pod.ip('link set eth0 address 02:00:00:00:00:09');
  network.node.ip(
    `neigh replace ${result.ips[0].address.replace('/16', '')} lladdr 02:00:00:00:00:09 dev ${shim()}`,
  );
  const final = { ...result, interfaces: [{ ...result.interfaces[0], mac: '02:00:00:00:00:09' }] };
  // Changing the MAC empties the neighbour table; a plugin that does it restores what was permanent.
  const [entry] = network.node.ask('link show type macvlan');
  pod.ip(`neigh replace 169.254.1.1 lladdr ${entry.address} dev eth0 nud permanent`);
  expect(plugin.check(id, pod, final)).toMatchObject({ status: 0, stdout: '' });
});

test('the node may get another address later, of which the pod knows nothing', () => {
  const { id, pod, result } = added();
  network.node.ip('address add 10.9.0.200/16 dev eth0');
  const answer = plugin.check(id, pod, result);
  network.node.ip('address delete 10.9.0.200/16 dev eth0');
  expect(answer).toMatchObject({ status: 0, stdout: '' });
});

function shim(): string {
  return network.node.ask('link show type macvlan')[0].ifname;
}

const spoilt: [string, (pod: Host, ip: string) => void, string][] = [
  ['the link is gone', (pod) => pod.ip('link delete eth0'), 'eth0 is gone'],
  ['the MAC is another', (pod) => pod.ip('link set eth0 address 02:00:00:00:00:08'), 'has the MAC'],
  ['the MTU is another', (pod) => pod.ip('link set eth0 mtu 1300'), 'MTU 1300 and not 1500'],
  ['the link is down', (pod) => pod.ip('link set eth0 down'), 'is down'],
  ['the address is gone', (pod) => pod.ip('address flush dev eth0'), 'has no address 10.9.1.'],
  ['the default route is gone', (pod) => pod.ip('route delete default'), 'route to 0.0.0.0/0 via 10.9.0.1'],
  ['a host route of the pod is gone', (pod) => pod.ip('route delete 10.96.0.0/12'), '10.96.0.0/12'],
  [
    'the pod’s neighbour may age, and the shim answers no ARP',
    (pod) => pod.ip(`neigh change 169.254.1.1 dev eth0 nud stale`),
    'neighbour 169.254.1.1',
  ],
  ['the host’s route is gone', (_, ip) => network.node.ip(`route delete ${ip}`), 'no route to 10.9.1.'],
  [
    'the host’s neighbour is gone',
    (_, ip) => network.node.ip(`neigh delete ${ip} dev ${shim()}`),
    'no permanent neighbour',
  ],
];

test.each(spoilt)('CHECK fails when %s', (_, spoil, words) => {
  const { id, pod, result } = added();
  spoil(pod, result.ips[0].address.replace('/16', ''));
  const answer = plugin.check(id, pod, result);
  expect(answer).toMatchObject({ status: 1, json: { code: 104, msg: expect.stringContaining(words) } });
});

test('a link of another kind, and one of another mode', () => {
  const { id, pod, result } = added();
  pod.ip('link delete eth0');
  pod.ip('link add eth0 type bridge');
  expect(plugin.check(id, pod, result).json.msg).toContain('kind bridge and not macvlan');
  const other = added();
  expect(
    plugin.check(other.id, other.pod, other.result, { mode: 'private', hostAccess: 'none', hostRoutes: [] })
      .json.msg,
  ).toContain('mode bridge and not private');
});

test('a ledger without the record is a fault; a ledger that is away is none', () => {
  const { id, pod, result } = added();
  const away = { ipam: { ...(plugin.conf['ipam'] as object), server: 'http://127.0.0.1:1' } };
  expect(plugin.check(id, pod, result, away)).toMatchObject({ status: 0, stdout: '' });
  ipam.forget(id);
  expect(plugin.check(id, pod, result).json.msg).toContain('has not recorded');
});

test('without prevResult: code 7; below 0.4.0: code 1', () => {
  const { id, pod, result } = added();
  expect(plugin.call({ command: 'CHECK', id, netns: pod.path }).json).toMatchObject({ code: 7 });
  expect(plugin.check(id, pod, result, { cniVersion: '0.3.1' }).json).toMatchObject({ code: 1 });
});
