import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { type Call, Plugin } from './plugin.ts';

const program = new URL('../../dist/realip', import.meta.url).pathname;
const variables = {
  CNI_COMMAND: 'DEL',
  CNI_CONTAINERID: 'a',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/opt/cni/bin',
  PATH: process.env['PATH'] ?? '',
};
let network: Network;
let ipam: IpamServer;
let plugin: Plugin;
let count = 0;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  plugin = new Plugin(network.node);
});

// A test that failed leaves the others a clean node.
afterEach(() => plugin.del('a', ''));

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

/** DEL says nothing on stdout, succeeds, and nothing is left in host and ledger. */
function expectGone(netns: string, more: Partial<Call> = {}): void {
  expect(plugin.del('a', netns, more)).toMatchObject({ status: 0, stdout: '' });
  expect(network.node.ask('route show proto 82')).toEqual([]);
  expect(ipam.allocated()).toEqual([]);
}

function added(conf: object = {}): { pod: Host; prevResult: object } {
  const pod = network.pod(`p${++count}`);
  const { status, json } = plugin.add('a', pod, { conf });
  expect(status).toBe(0);
  return { pod, prevResult: json };
}

test('with CNI_NETNS not set at all', () => {
  added().pod.remove();
  const run = network.node.run(program, [], JSON.stringify(plugin.conf), variables);
  expect(run).toMatchObject({ status: 0, stdout: '' });
  expectGone('');
});

test('with a namespace that was removed meanwhile', () => {
  const { pod, prevResult } = added();
  pod.remove();
  expectGone(pod.path, { conf: { prevResult } });
});

test('with the ledger’s record gone', () => {
  const { pod, prevResult } = added();
  ipam.forget('a');
  expect(plugin.del('a', pod.path, { conf: { prevResult } })).toMatchObject({ status: 0, stdout: '' });
  expectGone(pod.path);
  expect(pod.ask('link show')).toHaveLength(1);
});

test('with the ledger’s record gone, and without prevResult', () => {
  const { pod } = added();
  ipam.forget('a');
  expectGone(pod.path);
  expect(network.node.ask('neigh show nud permanent')).toEqual([]);
  expect(pod.ask('link show')).toHaveLength(1);
});

test('of a container that was added again in another namespace, whose ways stay', () => {
  const first = added().pod;
  const second = added();
  const ways = () => network.node.ask('route show proto 82').map(({ dst }) => dst);
  expect(ways()).toHaveLength(2);
  expect(plugin.del('a', first.path)).toMatchObject({ status: 0, stdout: '' });
  expect(ways()).toEqual(ipam.allocated());
  expect(network.node.reaches(String(ways()[0]))).toBe(true);
  expectGone(second.pod.path);
});

test('a pod that gave itself another’s address and lost its record doesn’t take the other’s ways along', () => {
  const { pod } = added();
  const other = network.pod('robbed');
  const { json } = plugin.add('robbed', other);
  const [{ address }] = json.ips;
  pod.ip(`address add ${address.replace(/\/.*/, '/32')} dev eth0`);
  ipam.forget('a');
  expect(plugin.del('a', pod.path)).toMatchObject({ status: 0, stdout: '' });
  expect(network.node.ask('route show proto 82')).toMatchObject([{ dst: address.replace(/\/.*/, '') }]);
  expect(plugin.del('robbed', other.path).status).toBe(0);
});

test.each(['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'])(
  'in version %s, with the result that it gave',
  (cniVersion) => {
    const { pod, prevResult } = added({ cniVersion });
    // CHECK came with 0.4.0, and until then DEL was given no result.
    const given = cniVersion < '0.4.0' ? {} : { prevResult };
    expectGone(pod.path, { conf: { cniVersion, ...given } });
    expect(pod.ask('link show')).toHaveLength(1);
  },
);

test.each([
  ['a prevResult that is no use', { prevResult: { cniVersion: '9', ips: 7, interfaces: [{}] } }],
  [
    'a prevResult of another attachment',
    { prevResult: { cniVersion: '1.0.0', ips: [{ address: '10.9.1.99/16' }] } },
  ],
  ['a master that is no name', { master: 'a/b' }],
  [
    'fields of the wrong type',
    { mode: 3, mtu: 'x', vlan: -1, hostRoutes: {}, sysctl: [], dns: 5, runtimeConfig: 1 },
  ],
  ['what only another version does', { dataplane: 'moon', hostAccess: 'rope', vlan: 7 }],
])('with %s', (_, conf) => {
  const { pod } = added();
  expectGone(pod.path, { conf });
  expect(pod.ask('link show')).toHaveLength(1);
});

test.each([[undefined], [null], ['x'], [[]], [{}], [{ type: 'realip-ipam', server: [] }]])(
  'with %j as its ipam section the interface goes all the same',
  (ipamSection) => {
    const { pod, prevResult } = added();
    const input = JSON.stringify({ ...plugin.conf, prevResult, ipam: ipamSection });
    // Its journal is where the default says, which is nobody else's here: `ip netns exec` has mounts of its own.
    const script = 'mount -t tmpfs none /var/lib && "$0" && test -s /var/lib/realip/journal';
    const run = network.node.run('sh', ['-c', script, program], input, { ...variables, CNI_NETNS: pod.path });
    expect(run).toMatchObject({ status: 0, stdout: '' });
    expect(pod.ask('link show')).toHaveLength(1);
    expect(network.node.ask('route show proto 82')).toEqual([]);
    expectGone('');
  },
);
