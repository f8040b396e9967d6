import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { Network } from '../kernel/network.ts';
import { DelegatingPlugin } from './delegating.ts';

let network: Network;
let dataDir: string;
let plugin: DelegatingPlugin;

function hostLocal(change: object = {}): object {
  const ranges = [
    [{ subnet: '10.9.0.0/16', rangeStart: '10.9.3.1', rangeEnd: '10.9.3.200', gateway: '10.9.0.1' }],
  ];
  return { type: 'host-local', dataDir, ranges, routes: [{ dst: '0.0.0.0/0' }], ...change };
}

/** The addresses that host-local has given. */
function taken(): string[] {
  const folder = join(dataDir, 'real');
  return existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]+[.:]/.test(name)) : [];
}

const hostRoutes = () => network.node.ask('route show proto 82');

beforeEach(() => {
  network = new Network();
  dataDir = mkdtempSync(join(tmpdir(), 'realip-host-local-'));
  plugin = new DelegatingPlugin(network.node, hostLocal());
});

afterEach(() => network?.remove());

function expectUntouched(pod: Host): void {
  expect(pod.ask('link show').map((link) => link.ifname)).toEqual(['lo']);
  expect(hostRoutes()).toEqual([]);
  expect(taken()).toEqual([]);
}

test('ADD gives host-local’s address with the MAC derived from it, CHECK agrees, DEL frees it', () => {
  const pod = network.pod('a');
  const added = plugin.add('hl-a', pod);
  expect(added.stderr).toBe('');
  expect(added.json).toEqual({
    cniVersion: '1.0.0',
    interfaces: [{ name: 'eth0', mac: '0a:58:0a:09:03:01', sandbox: pod.path }],
    ips: [{ address: '10.9.3.1/16', gateway: '10.9.0.1', interface: 0 }],
    routes: [{ dst: '0.0.0.0/0', gw: '10.9.0.1' }],
    dns: {},
  });
  expect(pod.ask('address show eth0')[0]).toMatchObject({
    address: '0a:58:0a:09:03:01',
    addr_info: expect.arrayContaining([expect.objectContaining({ local: '10.9.3.1', prefixlen: 16 })]),
  });
  expect(pod.ask('route show default')).toMatchObject([{ gateway: '10.9.0.1' }]);
  expect(taken()).toEqual(['10.9.3.1']);
  expect(readFileSync(join(dataDir, 'real', '10.9.3.1'), 'utf8')).toContain('hl-a');
  expect(network.other.reaches('10.9.3.1')).toBe(true);
  expect(network.node.reaches('10.9.3.1')).toBe(true);
  expect(plugin.check('hl-a', pod, added.json)).toMatchObject({ status: 0, stdout: '' });
  expect(plugin.del('hl-a', pod.path, { conf: { prevResult: added.json } })).toMatchObject({
    status: 0,
    stdout: '',
    stderr: '',
  });
  expectUntouched(pod);
  expect(plugin.del('hl-a', pod.path)).toMatchObject({ status: 0, stderr: '' });
});

test('an address that somebody else has is released: code 11, and the next try is given the next one', () => {
  const rogue = network.join('rogue', 66);
  rogue.ip('address add 10.9.3.1/16 dev eth0');
  const [{ address: mac }] = rogue.ask('link show eth0');
  const pod = network.pod('r');
  const { status, json } = plugin.add('hl-r', pod);
  expect(status).toBe(1);
  expect(json).toMatchObject({ code: 11, msg: expect.stringContaining(`10.9.3.1 is used by ${mac}`) });
  expectUntouched(pod);
  expect(plugin.add('hl-r', pod).json.ips).toMatchObject([{ address: '10.9.3.2/16' }]);
});

test.each(['1.1.0', '0.4.0', '0.3.1', '0.2.0'])('host-local’s result in version %s', (cniVersion) => {
  const pod = network.pod('v');
  const { json } = plugin.add('hl-v', pod, { conf: { cniVersion } });
  expect(json).toMatchObject({ cniVersion });
  expect(pod.ask('address show eth0')[0].addr_info[0]).toMatchObject({ local: '10.9.3.1' });
  expect(pod.ask('route show default')).toMatchObject([{ gateway: '10.9.0.1' }]);
  expect(plugin.del('hl-v', pod.path, { conf: { cniVersion } }).status).toBe(0);
  expectUntouched(pod);
});

test('CHECK fails with host-local’s own error when it has forgotten the container', () => {
  const pod = network.pod('c');
  const { json } = plugin.add('hl-c', pod);
  const { ipam: _, ...conf } = plugin.conf;
  const other = { ...conf, ipam: hostLocal({ dataDir: mkdtempSync(join(tmpdir(), 'realip-empty-')) }) };
  expect(plugin.check('hl-c', pod, json, other).json).toMatchObject({
    code: 999,
    msg: expect.stringContaining('host-local: Failed to find address added by container hl-c'),
  });
});

test.each([
  ['with the namespace’s path and the result', true, true],
  ['without the namespace', false, true],
  ['without the namespace and the result', false, false],
])('DEL of a container whose namespace is gone, %s', (_, hasPath, hasResult) => {
  const pod = network.pod('g');
  const { json } = plugin.add('hl-g', pod);
  const { path } = pod;
  pod.remove();
  expect(hostRoutes()).toHaveLength(1);
  const conf = hasResult ? { prevResult: json } : {};
  expect(plugin.del('hl-g', hasPath ? path : '', { conf }).status).toBe(0);
  expect(taken()).toEqual([]);
  expect(hostRoutes()).toEqual([]);
});

test('a second DEL leaves the address’s next owner alone', () => {
  const [a, b] = [network.pod('a'), network.pod('b')];
  const { json: prevResult } = plugin.add('hl-1', a, { args: 'IP=10.9.3.7' });
  expect(plugin.del('hl-1', a.path, { conf: { prevResult } }).status).toBe(0);
  expect(plugin.add('hl-2', b, { args: 'IP=10.9.3.7' }).json.ips[0].address).toBe('10.9.3.7/16');
  expect(plugin.del('hl-1', a.path, { conf: { prevResult } }).status).toBe(0);
  expect(taken()).toEqual(['10.9.3.7']);
  expect(network.node.reaches('10.9.3.7')).toBe(true);
});

test('a failing ADD takes the address back by host-local’s DEL', () => {
  const pod = network.pod('f');
  network.node.ip('link add twin link eth0 address 02:00:00:00:00:99 type macvlan mode bridge');
  network.node.ip('link set twin up');
  const answer = plugin.add('hl-f', pod, { args: 'IgnoreUnknown=1;MAC=02:00:00:00:00:99' });
  network.node.ip('link delete twin');
  expect(answer.json).toMatchObject({ code: 102, msg: expect.stringContaining('EADDRINUSE') });
  expectUntouched(pod);
});

test('a range that is full: host-local’s error as it stands, nothing left', () => {
  const range = { subnet: '10.9.0.0/16', rangeStart: '10.9.3.1', rangeEnd: '10.9.3.1' };
  const conf = { ipam: hostLocal({ ranges: [[range]] }) };
  const [a, b] = [network.pod('a'), network.pod('b')];
  expect(plugin.add('hl-1', a, { conf }).status).toBe(0);
  expect(plugin.add('hl-2', b, { conf })).toMatchObject({
    status: 1,
    json: {
      code: 999,
      msg: expect.stringMatching(/^failed to allocate for range 0: no IP addresses available in range set/),
      details: expect.stringContaining('"host-local"'),
    },
  });
  expect(b.ask('link show')).toHaveLength(1);
  expect(taken()).toEqual(['10.9.3.1']);
});

test('a second ADD of a living attachment touches neither its interface nor its address', () => {
  const pod = network.pod('d');
  plugin.add('hl-d', pod);
  const before = pod.ask('address show eth0');
  expect(plugin.add('hl-d', pod).json).toMatchObject({ code: 101 });
  expect(pod.ask('address show eth0')).toEqual(before);
  expect(taken()).toEqual(['10.9.3.1']);
});

test('two ADDs of one attachment at once: one lives, with its address', async () => {
  const pod = network.pod('t');
  const call = { command: 'ADD', id: 'hl-t', netns: pod.path };
  const statuses = await Promise.all([plugin.start(call), plugin.start(call)]);
  expect(statuses.toSorted()).toEqual([0, 1]);
  const [given] = taken();
  expect(pod.ask('address show eth0')[0].addr_info[0].local).toBe(given);
});

test('a hundred at once get a hundred addresses, and give them back', async () => {
  const pods = Array.from({ length: 100 }, (_, index) => network.pod(`p${index}`));
  const all = (command: string) =>
    Promise.all(pods.map(({ path: netns }, index) => plugin.start({ command, id: `hl-p${index}`, netns })));
  expect(new Set(await all('ADD'))).toEqual(new Set([0]));
  expect(taken()).toHaveLength(100);
  const addresses = pods.map((pod) => pod.ask('address show eth0')[0].addr_info[0].local);
  expect(addresses.toSorted()).toEqual(taken().toSorted());
  expect(hostRoutes()).toHaveLength(100);
  expect(new Set(await all('DEL'))).toEqual(new Set([0]));
  expect(taken()).toEqual([]);
  expect(hostRoutes()).toEqual([]);
});

test('both families, a prefix of its own for MACs, a wish by the runtime', () => {
  const pod = network.pod('b');
  const ranges = [
    [{ subnet: '10.9.0.0/16', rangeStart: '10.9.3.1', rangeEnd: '10.9.3.9' }],
    [{ subnet: 'fd00:9::/64', rangeStart: 'fd00:9::3:1', rangeEnd: 'fd00:9::3:9' }],
  ];
  const conf = {
    ipam: hostLocal({ ranges, routes: [] }),
    macPrefix: '0a:77',
    runtimeConfig: { ips: ['10.9.3.4/16', 'fd00:9::3:5/64'] },
  };
  const { json } = plugin.add('hl-b', pod, { conf });
  expect(json.interfaces[0].mac).toBe('0a:77:0a:09:03:04');
  expect(json.ips.map(({ address }: { address: string }) => address)).toEqual([
    '10.9.3.4/16',
    'fd00:9::3:5/64',
  ]);
  // host-local makes up gateways, and lists the routes that it means: there is none.
  expect(json.routes).toEqual([]);
  expect(pod.ask('route show default')).toEqual([]);
  expect(network.other.reaches('fd00:9::3:5')).toBe(true);
});

test('routes keep their gateway, MTU, advertised MSS, priority and table', () => {
  const pod = network.pod('r');
  const routes = [
    { dst: '198.51.100.0/24', gw: '10.9.0.99', mtu: 1300, advmss: 1200, priority: 77 },
    { dst: '203.0.113.0/24', table: 100 },
    { dst: '192.0.2.0/24', scope: 253 },
  ];
  const conf = { cniVersion: '1.1.0', ipam: hostLocal({ routes }) };
  const added = plugin.add('hl-r', pod, { conf });
  expect(added.json.routes).toEqual([
    routes[0],
    { dst: '203.0.113.0/24', gw: '10.9.0.1', table: 100 },
    { dst: '192.0.2.0/24', scope: 253 },
  ]);
  expect(pod.ask('route show 198.51.100.0/24')).toMatchObject([
    { gateway: '10.9.0.99', metric: 77, metrics: [{ mtu: 1300, advmss: 1200 }] },
  ]);
  expect(pod.ask('route show 203.0.113.0/24')).toEqual([]);
  expect(pod.ask('route show 203.0.113.0/24 table 100')).toMatchObject([{ gateway: '10.9.0.1' }]);
  expect(pod.ask('route show 192.0.2.0/24')).toMatchObject([{ scope: 'link' }]);
  expect(plugin.check('hl-r', pod, added.json, conf)).toMatchObject({ status: 0, stdout: '' });
  pod.ip('route delete 203.0.113.0/24 table 100');
  expect(plugin.check('hl-r', pod, added.json, conf).json).toMatchObject({ code: 104 });
});

test('GC frees what the runtime doesn’t know, STATUS is host-local’s', () => {
  const pods = ['a', 'b', 'c'].map((name) => network.pod(name));
  pods.forEach((pod, index) => {
    plugin.add(`hl-${index}`, pod);
  });
  pods[2]?.remove();
  const call = (command: string, conf: object) =>
    plugin.call({ command, id: '', netns: '', conf: { cniVersion: '1.1.0', ...conf } });
  expect(
    call('GC', { 'cni.dev/valid-attachments': [{ containerID: 'hl-1', ifname: 'eth0' }] }),
  ).toMatchObject({
    status: 0,
    stdout: '',
  });
  expect(taken()).toEqual(['10.9.3.2']);
  expect(hostRoutes()).toMatchObject([{ dst: '10.9.3.2' }]);
  expect(pods[0]?.ask('link show')).toHaveLength(1);
  expect(call('STATUS', {})).toMatchObject({ status: 0, stdout: '' });
});
