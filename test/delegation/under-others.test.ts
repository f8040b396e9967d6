import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { IpamServer } from '../kernel/ipam.ts';
import { Network } from '../kernel/network.ts';
import type { Answer } from '../kernel/plugin.ts';
import { realip, realipIpam, UpstreamPlugin } from './upstream.ts';

let network: Network;
let ipam: IpamServer;
let bridge: UpstreamPlugin;
let macvlan: UpstreamPlugin;

beforeEach(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.1', end: '10.9.1.4' });
  ipam.prepareIpv6();
  macvlan = new UpstreamPlugin(network.node, 'macvlan', { master: 'eth0', mode: 'bridge' });
  bridge = new UpstreamPlugin(network.node, 'bridge', { bridge: 'br0' });
});

afterEach(async () => {
  await ipam?.stop();
  network?.remove();
});

function addresses(pod: Host): string[] {
  const [eth0] = pod.ask('address show eth0');
  const all: { local: string; prefixlen: number; scope: string }[] = eth0?.addr_info ?? [];
  return all.filter(({ scope }) => scope === 'global').map((each) => `${each.local}/${each.prefixlen}`);
}

const gateways = (answer: Answer) =>
  answer.json.routes.map(({ dst, gw }: { dst: string; gw: string }) => [dst, gw]);

test('macvlan: ADD, CHECK, DEL with the ledger’s addresses in both families', () => {
  const pod = network.pod('m');
  const added = macvlan.add('m', pod);
  expect(added.status).toBe(0);
  expect(addresses(pod)).toEqual(['10.9.1.1/16', expect.stringMatching(/^fd00:9::1:/)]);
  expect(ipam.allocated()).toHaveLength(2);
  expect(gateways(added)).toEqual([
    ['0.0.0.0/0', '10.9.0.1'],
    ['::/0', 'fd00:9::1'],
  ]);
  expect(pod.ask('route show default')).toMatchObject([{ gateway: '10.9.0.1', dev: 'eth0' }]);
  expect(pod.ask('-6 route show default')).toMatchObject([{ gateway: 'fd00:9::1' }]);
  expect(network.other.reaches('10.9.1.1')).toBe(true);
  expect(macvlan.check('m', pod, added.json)).toMatchObject({ status: 0, stdout: '' });
  ipam.forget('m');
  expect(macvlan.check('m', pod, added.json).json).toMatchObject({
    code: 104,
    msg: expect.stringContaining('10.9.1.1/16'),
  });
  expect(macvlan.del('m', pod.path, { conf: { prevResult: added.json } })).toMatchObject({
    status: 0,
    stdout: '',
  });
  expect(pod.ask('link show')).toHaveLength(1);
  expect(ipam.allocated()).toEqual([]);
  expect(macvlan.del('m', '').status).toBe(0);
});

test('bridge: ADD, CHECK, DEL, its own default route beside ours', () => {
  const pod = network.pod('b');
  for (const conf of [{}, { isDefaultGateway: true }]) {
    const added = bridge.add('b', pod, { conf });
    expect(added.json?.msg).toBe(undefined);
    expect(addresses(pod)).toHaveLength(2);
    expect(pod.ask('route show default')).toMatchObject([{ gateway: '10.9.0.1' }]);
    expect(bridge.check('b', pod, added.json, conf)).toMatchObject({ status: 0, stdout: '' });
    expect(bridge.del('b', pod.path, { conf: { ...conf, prevResult: added.json } }).status).toBe(0);
    expect(ipam.allocated()).toEqual([]);
    // The upstream plugin can't use its own bridge again once that has lost all ports, and with them its MAC.
    network.node.ip('link delete br0');
  }
});

test.each([
  ['macvlan', { mode: 'bridge', master: 'eth0', mtu: 1400, linkInContainer: false }],
  ['bridge', { bridge: 'br0', vlan: 0, hairpinMode: true }],
])('%s fails after it was given addresses: they are released', (type, conf) => {
  const pod = network.pod(`f${type}`);
  const subnet = { zone: 'real', cidr: '10.9.0.0/16', gateway: '10.9.0.1', cooldownSeconds: 0 };
  ipam.put('/v1/subnets/lan', { ...subnet, routes: [{ dst: '192.0.2.0/24', gw: '172.16.0.1' }] });
  const plugin = new UpstreamPlugin(network.node, type, conf);
  const answer = plugin.add('f', pod);
  ipam.put('/v1/subnets/lan', subnet);
  expect(answer.json).toMatchObject({ msg: expect.stringContaining('172.16.0.1') });
  expect(ipam.allocated()).toEqual([]);
});

test('what the runtime wants is asked for: address, MAC, families', () => {
  const pod = network.pod('w');
  const conf = {
    capabilities: { ips: true, mac: true },
    runtimeConfig: { ips: ['10.9.1.3/16'], mac: '02:00:00:00:00:33' },
  };
  const only = { ...(macvlan.conf['ipam'] as object), families: ['ipv4'] };
  const added = macvlan.add('w', pod, {
    conf: { ...conf, ipam: only },
    args: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=a;K8S_POD_NAME=p',
  });
  expect(added.status).toBe(0);
  expect(addresses(pod)).toEqual(['10.9.1.3/16']);
  expect(ipam.records()).toMatchObject([
    { mac: '02:00:00:00:00:33', network: 'real', containerId: 'w', ifname: 'eth0' },
  ]);
  expect(macvlan.del('w', pod.path).status).toBe(0);
  expect(ipam.allocated()).toEqual([]);
});

test('no address free: code 11 as it stands, through macvlan', () => {
  const pods = ['1', '2', '3', '4', '5'].map((name) => network.pod(`x${name}`));
  const answers = pods.map((pod, index) => macvlan.add(`x${index}`, pod));
  expect(answers.map(({ status }) => status)).toEqual([0, 0, 0, 0, 1]);
  expect(answers[4]?.json).toMatchObject({ code: 11, msg: expect.stringContaining('IPAM_NONE_FREE') });
  pods.forEach((pod, index) => {
    expect(macvlan.del(`x${index}`, pod.path).status).toBe(0);
    expect(pod.ask('link show')).toHaveLength(1);
  });
  expect(ipam.allocated()).toEqual([]);
});

/** The executable itself, called as a main plugin calls it. */
function direct(
  program: string,
  command: string,
  conf: object = {},
  env: Record<string, string> = {},
): Answer {
  return macvlan.call({ program, command, id: 'd', netns: '/var/run/netns/none', conf, env });
}

test.each([
  [
    '0.2.0',
    { ip4: { ip: '10.9.1.2/16', gateway: '10.9.0.1', routes: [{ dst: '0.0.0.0/0', gw: '10.9.0.1' }] } },
  ],
  ['0.4.0', { ips: [{ version: '4', address: '10.9.1.2/16', gateway: '10.9.0.1' }] }],
  ['1.1.0', { ips: [{ address: '10.9.1.2/16', gateway: '10.9.0.1' }] }],
])('the result in version %s has no interfaces', (cniVersion, expected) => {
  const wish = { cniVersion, runtimeConfig: { ips: ['10.9.1.2/16'] } };
  const only = { ...wish, ipam: { ...(macvlan.conf['ipam'] as object), families: ['ipv4'] } };
  const { json } = direct(realipIpam, 'ADD', only);
  expect(json).toMatchObject({ cniVersion, ...expected });
  expect(json).not.toHaveProperty('interfaces');
  expect(direct(realipIpam, 'ADD', only).json).toEqual(json);
  expect(direct(realipIpam, 'DEL', only)).toMatchObject({ status: 0, stdout: '' });
  expect(ipam.allocated()).toEqual([]);
});

test('its part is told by the name, or by another’s type over ipam.type; anything else is code 7', () => {
  const renamed = join(mkdtempSync(join(tmpdir(), 'realip-name-')), 'realip-ipam');
  symlinkSync(realip, renamed);
  const own = macvlan.conf['ipam'] as object;
  for (const [program, conf] of [
    [renamed, {}],
    [renamed, { type: 'realip' }],
    [realip, {}],
  ] as const) {
    expect(direct(program, 'ADD', conf).json.ips).toHaveLength(2);
    expect(direct(program, 'DEL', conf).status).toBe(0);
  }
  for (const [program, conf] of [
    [realip, { ipam: { ...own, type: 'host-local' } }],
    [realip, { ipam: undefined }],
    [renamed, { ipam: { ...own, type: 'host-local' } }],
    [renamed, { ipam: { type: 'realip-ipam' } }],
  ] as const) {
    expect(direct(program, 'ADD', conf).json).toMatchObject({ code: 7 });
  }
  expect(ipam.allocated()).toEqual([]);
});

test('GC frees of this network what the runtime doesn’t know', () => {
  const conf = (name: string) => ({ cniVersion: '1.1.0', name });
  for (const [id, name] of [
    ['g1', 'real'],
    ['g2', 'real'],
    ['g3', 'other'],
  ] as const) {
    direct(realipIpam, 'ADD', conf(name), { CNI_CONTAINERID: id });
  }
  expect(ipam.records()).toHaveLength(3);
  expect(direct(realipIpam, 'GC', conf('real')).status).toBe(0);
  expect(ipam.records()).toHaveLength(3);
  const valid = { ...conf('real'), 'cni.dev/valid-attachments': [{ containerID: 'g2', ifname: 'eth0' }] };
  expect(direct(realipIpam, 'GC', valid)).toMatchObject({ status: 0, stdout: '' });
  expect(
    ipam
      .records()
      .map(({ containerId }) => containerId)
      .toSorted(),
  ).toEqual(['g2', 'g3']);
  for (const name of ['real', 'other']) {
    expect(direct(realipIpam, 'GC', { ...conf(name), 'cni.dev/attachments': [] }).status).toBe(0);
  }
  expect(ipam.records()).toEqual([]);
});

test('STATUS through macvlan: ready, and code 50 without server; CHECK doesn’t mind that', () => {
  const away = { ...(macvlan.conf['ipam'] as object), server: 'http://127.0.0.1:1' };
  const status = (conf: object) =>
    macvlan.call({ command: 'STATUS', id: '', netns: '', conf: { cniVersion: '1.1.0', ...conf } });
  expect(status({})).toMatchObject({ status: 0, stdout: '' });
  expect(status({ ipam: away }).json).toMatchObject({ code: 50 });
  const pod = network.pod('s');
  const { json } = macvlan.add('s', pod);
  expect(macvlan.check('s', pod, json, { ipam: away })).toMatchObject({ status: 0, stdout: '' });
  // The release waits in the journal, and the next call with the server there tells it.
  expect(macvlan.del('s', pod.path, { conf: { ipam: away } }).status).toBe(0);
  expect(ipam.allocated()).toHaveLength(2);
  expect(macvlan.del('other', pod.path).status).toBe(0);
  expect(ipam.allocated()).toEqual([]);
});
