import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { type Call, Plugin } from './plugin.ts';

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

/** DEL says nothing on stdout, succeeds, and nothing is left in host and ledger. */
function expectGone(netns: string, more: Partial<Call> = {}): void {
  expect(plugin.del('a', netns, more)).toMatchObject({ status: 0, stdout: '' });
  expect(network.node.ask('route show proto 82')).toEqual([]);
  expect(ipam.allocated()).toEqual([]);
}

function added(): { pod: Host; prevResult: object } {
  const pod = network.pod('a');
  const { status, json } = plugin.add('a', pod);
  expect(status).toBe(0);
  return { pod, prevResult: json };
}

test('as a runtime calls it: once with the namespace, then without it, then once more', () => {
  const { pod, prevResult } = added();
  expectGone(pod.path, { conf: { prevResult } });
  expect(pod.ask('link show')).toHaveLength(1);
  expectGone('');
  expectGone(pod.path);
});

test('without a namespace, and without prevResult', () => {
  added().pod.remove();
  expectGone('');
});

test('with a path that is no namespace', () => {
  const path = join(tmpdir(), `realip-no-netns-${process.pid}`);
  writeFileSync(path, '');
  added();
  expectGone(path);
});

test('with the link gone', () => {
  const { pod } = added();
  pod.ip('link delete eth0');
  expectGone(pod.path);
});

test('with the master gone', () => {
  const { pod } = added();
  network.node.ip('link delete eth0');
  expectGone(pod.path);
});

test('with an ipam section that is no use: the interface goes, the release waits in the journal', () => {
  const { pod } = added();
  const { stateDir, server } = plugin.conf['ipam'] as Record<string, unknown>;
  const nonsense = { type: 7, server: 'nowhere', timeoutMs: 'soon', stateDir };
  expect(plugin.del('a', pod.path, { conf: { ipam: nonsense, mode: 3, hostRoutes: 'x' } }).status).toBe(0);
  expect(pod.ask('link show')).toHaveLength(1);
  expect(ipam.allocated()).toHaveLength(1);
  expectGone('', { id: 'b', conf: { ipam: { ...(plugin.conf['ipam'] as object), server } } });
});

test('with a configuration that has lost its hostAccess since', () => {
  const { pod, prevResult } = added();
  expectGone(pod.path, { conf: { prevResult, hostAccess: 'none' } });
});

test('never added, and after a failed ADD', () => {
  const pod = network.pod('a');
  expectGone(pod.path);
  plugin.add('a', pod, { conf: { mtu: 9000 } });
  expectGone(pod.path);
});

test('with the server away: it waits in the journal, and the next ADD of that container comes after it', () => {
  const { pod } = added();
  const away = { ...(plugin.conf['ipam'] as object), server: 'http://127.0.0.1:1' };
  expect(plugin.del('a', pod.path, { conf: { ipam: away } })).toMatchObject({ status: 0 });
  expect(pod.ask('link show')).toHaveLength(1);
  expect(network.node.ask('route show proto 82')).toEqual([]);
  expect(plugin.add('a', pod).status).toBe(0);
  expect(plugin.del('other', '').status).toBe(0);
  // The journalled release was of the earlier attachment, and frees nothing of this one.
  expect(ipam.allocated()).toHaveLength(1);
  expectGone(pod.path);
});

test('another attachment’s interface stays', () => {
  const { pod } = added();
  expect(plugin.del('b', pod.path).status).toBe(0);
  expect(pod.ask('link show eth0')).toHaveLength(1);
  expect(network.node.ask('route show proto 82')).toHaveLength(1);
  expectGone(pod.path);
});

test('another plugin’s macvlan stays, after the ADD that failed on it too', () => {
  const pod = network.pod('a');
  network.node.ip(`link add eth0 link eth0 netns ${pod.name} type macvlan mode bridge`);
  pod.ip('link set eth0 up');
  pod.ip('address add 10.9.2.1/16 dev eth0');
  expect(plugin.add('a', pod).json).toMatchObject({ code: 101 });
  expectGone(pod.path);
  expect(pod.ask('address show eth0')).toMatchObject([{ addr_info: [{ local: '10.9.2.1' }, {}] }]);
});

test('an interface whose alias somebody took goes all the same', () => {
  const { pod, prevResult } = added();
  pod.run('ip', ['link', 'set', 'eth0', 'alias', '']);
  expectGone(pod.path, { conf: { prevResult } });
  expect(pod.ask('link show')).toHaveLength(1);
});

test('a late DEL takes no host route from the pod that has the address now', () => {
  const { pod, prevResult } = added();
  pod.ip('link delete eth0');
  plugin.del('a', pod.path);
  const [address] = (prevResult as { ips: { address: string }[] }).ips;
  const ip = address?.address.replace('/16', '') ?? '';
  const next = network.pod('b');
  expect(plugin.add('b', next, { args: `IP=${ip}` }).json.ips[0].address).toBe(address?.address);
  expect(plugin.del('a', '', { conf: { prevResult } }).status).toBe(0);
  expect(network.node.reaches(ip)).toBe(true);
});
