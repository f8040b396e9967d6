import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { type Answer, Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  plugin = new Plugin(network.node);
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

function setVlan(vlan: number | undefined): void {
  ipam.put('/v1/subnets/lan', {
    zone: 'real',
    cidr: '10.9.0.0/16',
    gateway: '10.9.0.1',
    cooldownSeconds: 0,
    ...(vlan === undefined ? {} : { vlan }),
  });
}

/** Interfaces, routes and addresses as they were before. */
function expectNothing(act: () => Answer, error: object): void {
  const before = network.node.ask('link show').map(({ ifname }) => ifname);
  const { status, json } = act();
  expect({ status, json }).toMatchObject({ status: 1, json: error });
  expect(network.node.ask('link show').map(({ ifname }) => ifname)).toEqual(before);
  expect(network.node.ask('route show proto 82')).toEqual([]);
  expect(ipam.allocated()).toEqual([]);
}

const taken = {
  code: 111,
  msg: expect.stringContaining('eth0.100 is of the kind veth, and no VLAN 100 of eth0'),
};

test('another interface of the sub-interface’s name is not taken for it, wherever the VLAN was said', () => {
  network.node.ip('link add eth0.100 type veth peer name far');
  const pod = network.pod('veth');
  setVlan(100);
  expectNothing(() => plugin.add('veth', pod, { conf: { vlan: 100 } }), taken);
  expectNothing(() => plugin.add('veth', pod), taken);
  expectNothing(() => plugin.add('veth', pod, { conf: { dataplane: 'ptp' } }), taken);
  network.node.ip('link delete eth0.100');
  setVlan(undefined);
  expect(pod.ask('link show')).toHaveLength(1);
});

/** Whether this kernel has 8021q, as iproute2 finds. */
function hasVlans(): boolean {
  const { status } = network.node.run('ip', 'link add link eth0 name probe type vlan id 7'.split(' '));
  if (status === 0) {
    network.node.ip('link delete probe');
  }
  return status === 0;
}

test('a kernel without 8021q is named as such, and one with it makes the sub-interface', () => {
  const pod = network.pod('kernel');
  setVlan(100);
  if (hasVlans()) {
    const { json } = plugin.add('kernel', pod);
    expect(network.node.ask('link show eth0.100')).toMatchObject([{ linkinfo: { info_data: { id: 100 } } }]);
    expect(plugin.check('kernel', pod, json)).toMatchObject({ status: 0 });
  } else {
    const error = {
      code: 109,
      msg: expect.stringContaining('8021q'),
      details: expect.stringContaining('modprobe 8021q'),
    };
    expectNothing(() => plugin.add('kernel', pod), error);
    expectNothing(() => plugin.add('kernel', pod, { conf: { vlan: 100 } }), error);
  }
  expect(plugin.del('kernel', pod.path).status).toBe(0);
  expect(network.node.ask('link show eth0.100')).toEqual([]);
  setVlan(undefined);
});

test('another VLAN than the subnet’s is the configuration’s fault, whatever the kernel can', () => {
  const pod = network.pod('elsewhere');
  const refused = (msg: string) => ({ code: 7, msg: expect.stringContaining(msg) });
  const add = (vlan: number) => () => plugin.add('elsewhere', pod, { conf: { vlan } });
  expectNothing(add(100), refused('vlan is 100, and the subnet is on none'));
  setVlan(100);
  expectNothing(add(200), refused('vlan is 200, and the subnet is on VLAN 100'));
  setVlan(undefined);
  expect(pod.ask('link show')).toHaveLength(1);
});

test('CHECK names the sub-interface that is gone; DEL succeeds without it, and STATUS waits for the first pod', () => {
  const pod = network.pod('gone');
  const { json } = plugin.add('gone', pod);
  expect(plugin.check('gone', pod, json, { vlan: 100 }).json).toMatchObject({
    code: 104,
    msg: expect.stringContaining('VLAN 100 on eth0 is gone'),
  });
  expect(
    plugin.call({ command: 'STATUS', id: '', netns: '', conf: { vlan: 100, cniVersion: '1.1.0' } }).status,
  ).toBe(0);
  expect(plugin.del('gone', pod.path, { conf: { vlan: 100 } })).toMatchObject({ status: 0, stdout: '' });
});
