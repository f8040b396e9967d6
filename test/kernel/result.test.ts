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
  ipam.prepareIpv6();
  ipam.put('/v1/subnets/lan', {
    zone: 'real',
    cidr: '10.9.0.0/16',
    gateway: '10.9.0.1',
    routes: [{ dst: '10.20.0.0/16' }, { dst: '10.30.0.0/16', gw: '10.9.0.3' }],
    dns: { nameservers: ['10.9.0.53'], search: ['shop.example'], options: ['ndots:2'] },
  });
  plugin = new Plugin(network.node);
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

function added(conf: object = {}, netns?: (pod: Host) => string) {
  const id = `r${++count}`;
  const pod = network.pod(id);
  const answer = plugin.add(id, pod, { conf, ...(netns && { netns: netns(pod) }) });
  const [link] = pod.ask('address show eth0');
  const of = (family: string) =>
    link?.addr_info.find(
      (each: Record<string, unknown>) => each['family'] === family && each['scope'] === 'global',
    );
  return {
    id,
    pod,
    answer,
    mac: link?.address,
    four: `${of('inet')?.local}/16`,
    six: `${of('inet6')?.local}/64`,
  };
}

const dns = { nameservers: ['10.9.0.53'], search: ['shop.example'], options: ['ndots:2'] };
const routes4 = [
  { dst: '10.20.0.0/16', gw: '10.9.0.1' },
  { dst: '10.30.0.0/16', gw: '10.9.0.3' },
  { dst: '0.0.0.0/0', gw: '10.9.0.1' },
];
const routes6 = [{ dst: '::/0', gw: 'fd00:9::1' }];

test.each(['0.1.0', '0.2.0'])('%s: one address a family with its routes, no interfaces', (cniVersion) => {
  const { answer, four, six } = added({ cniVersion });
  expect(answer.json).toEqual({
    cniVersion,
    ip4: { ip: four, gateway: '10.9.0.1', routes: routes4 },
    ip6: { ip: six, gateway: 'fd00:9::1', routes: routes6 },
    dns,
  });
});

test('no cniVersion at all is 0.1.0', () => {
  const { answer, four } = added({ cniVersion: undefined });
  expect(answer.json).toMatchObject({ cniVersion: '0.1.0', ip4: { ip: four } });
});

test.each(['0.3.0', '0.3.1', '0.4.0'])('%s: interfaces, and addresses with their family', (cniVersion) => {
  const { answer, pod, mac, four, six } = added({ cniVersion });
  expect(answer.json).toEqual({
    cniVersion,
    interfaces: [{ name: 'eth0', mac, sandbox: pod.path }],
    ips: [
      { version: '4', address: four, gateway: '10.9.0.1', interface: 0 },
      { version: '6', address: six, gateway: 'fd00:9::1', interface: 0 },
    ],
    routes: [...routes4, ...routes6],
    dns,
  });
});

test.each(['1.0.0', '1.1.0'])('%s: addresses without family; the MTU since 1.1.0', (cniVersion) => {
  const { answer, pod, mac, four, six } = added({ cniVersion, mtu: 1400 });
  const mtu = cniVersion === '1.1.0' ? { mtu: 1400 } : {};
  expect(answer.json).toEqual({
    cniVersion,
    interfaces: [{ name: 'eth0', mac, ...mtu, sandbox: pod.path }],
    ips: [
      { address: four, gateway: '10.9.0.1', interface: 0 },
      { address: six, gateway: 'fd00:9::1', interface: 0 },
    ],
    routes: [...routes4, ...routes6],
    dns,
  });
});

test('the pod has the routes that the result tells of', () => {
  const { pod } = added();
  const shown = [...pod.ask('-4 route show'), ...pod.ask('-6 route show')];
  for (const { dst, gw } of [...routes4, ...routes6]) {
    const destination = dst.endsWith('/0') ? 'default' : dst;
    expect(shown).toContainEqual(expect.objectContaining({ dst: destination, gateway: gw, dev: 'eth0' }));
  }
});

test('sandbox is CNI_NETNS, letter by letter', () => {
  const { answer, pod, id } = added({}, ({ name }) => `/var/run/../run/netns/./${name}`);
  const netns = `/var/run/../run/netns/./${pod.name}`;
  expect(answer.json.interfaces).toMatchObject([{ name: 'eth0', sandbox: netns }]);
  const check = { command: 'CHECK', id, netns, conf: { prevResult: answer.json } };
  expect(plugin.call(check)).toMatchObject({ status: 0, stdout: '' });
});

test('the dns of the configuration comes before the subnet’s', () => {
  expect(added({ dns: { nameservers: ['192.0.2.53'] } }).answer.json.dns).toEqual({
    nameservers: ['192.0.2.53'],
  });
});

const previous = {
  interfaces: [
    { name: 'br0', mac: '02:00:00:00:00:10', mtu: 9000 },
    {
      name: 'net1',
      mac: '02:00:00:00:00:11',
      sandbox: '/x',
      socketPath: '/run/vhost.sock',
      pciID: '0000:01:00.1',
    },
  ],
  ips: [{ address: '192.0.2.7/24', gateway: '192.0.2.1', interface: 1 }, { address: '192.0.2.8/32' }],
  routes: [
    { dst: '198.51.100.0/24', gw: '192.0.2.1', mtu: 1300, advmss: 1260, priority: 7, table: 100, scope: 0 },
    { dst: '203.0.113.0/24' },
  ],
  dns: { nameservers: ['192.0.2.53'] },
};

test('1.1.0: what earlier plugins said is passed on word for word, ours comes after it', () => {
  const prevResult = { cniVersion: '1.1.0', ...previous };
  const { answer, mac, pod, four, six } = added({ cniVersion: '1.1.0', prevResult });
  expect(answer.json).toEqual({
    cniVersion: '1.1.0',
    interfaces: [...previous.interfaces, { name: 'eth0', mac, mtu: 1500, sandbox: pod.path }],
    ips: [
      ...previous.ips,
      { address: four, gateway: '10.9.0.1', interface: 2 },
      { address: six, gateway: 'fd00:9::1', interface: 2 },
    ],
    routes: [...previous.routes, ...routes4, ...routes6],
    dns,
  });
});

test('1.0.0: what only 1.1.0 has room for is left out', () => {
  const { answer } = added({ cniVersion: '1.0.0', prevResult: { cniVersion: '1.1.0', ...previous } });
  expect(answer.json.interfaces.slice(0, 2)).toEqual([
    { name: 'br0', mac: '02:00:00:00:00:10' },
    { name: 'net1', mac: '02:00:00:00:00:11', sandbox: '/x' },
  ]);
  expect(answer.json.routes.slice(0, 2)).toEqual([
    { dst: '198.51.100.0/24', gw: '192.0.2.1' },
    { dst: '203.0.113.0/24' },
  ]);
});

test.each([
  [{ ips: [{ address: '192.0.2.7' }] }, 'prevResult.ips[0].address'],
  [{ ips: [{ address: '192.0.2.7/24', interface: 0 }] }, 'prevResult.ips[0].interface'],
  [{ ips: [{ address: '192.0.2.7/24', gateway: 'router' }] }, 'prevResult.ips[0].gateway'],
  [{ routes: [{ dst: '0.0.0.0/0', gw: '10.9.0' }] }, 'prevResult.routes[0].gw'],
  [{ cniVersion: '3.0.0' }, 'prevResult.cniVersion'],
  [7, 'prevResult must be a JSON object'],
])('a prevResult %j is refused by field, and nothing is made', (prevResult, words) => {
  const before = ipam.allocated().length;
  const { answer, pod } = added({ prevResult });
  expect(answer).toMatchObject({ status: 1, json: { code: 7, msg: expect.stringContaining(words) } });
  expect(pod.ask('link show')).toHaveLength(1);
  expect(ipam.allocated()).toHaveLength(before);
});

test('containerd’s capabilities, and keys of a runtime, are no fault', () => {
  const capabilities = { portMappings: true, bandwidth: true, mac: true };
  const { answer } = added({
    capabilities,
    runtimeConfig: { portMappings: [] },
    'cni.dev/valid-attachments': [],
  });
  expect(answer).toMatchObject({ status: 0, stderr: '' });
});
