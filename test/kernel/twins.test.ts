import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeEach(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.8', end: '10.9.1.99' });
  plugin = new Plugin(network.node);
});

afterEach(async () => {
  await ipam?.stop();
  network?.remove();
});

const addressesOf = (json: { ips: { address: string }[] }) =>
  json.ips.map(({ address }) => address.replace(/\/.*/, ''));
const given = (number: number) => `10.9.1.${8 + number}`;
/** The MAC that belongs to `given(number)`. */
const derived = (number: number) => `0a:58:0a:09:01:${(8 + number).toString(16).padStart(2, '0')}`;

/** A second node, whose ledger knows nothing of the first one's. */
async function secondNode(): Promise<{ plugin: Plugin; ipam: IpamServer }> {
  const node = network.join('node2', 12);
  const other = await IpamServer.start(node);
  other.prepare({ start: '10.9.1.8', end: '10.9.1.99' });
  return { plugin: new Plugin(node), ipam: other };
}

test('a pod of another node that has the address, and so the very MAC of this one, is found', async () => {
  const second = await secondNode();
  try {
    const twin = network.pod('twin');
    expect(addressesOf(second.plugin.add('twin', twin).json)).toEqual([given(0)]);
    const { json } = plugin.add('a', network.pod('a'));
    expect(addressesOf(json)).toEqual([given(1)]);
    expect(json.interfaces[0].mac).toBe(derived(1));
    expect(ipam.address(given(0))).toMatchObject({
      state: 'quarantined',
      why: expect.stringContaining(derived(0)),
    });
    expect(network.other.reaches(given(0))).toBe(true);
    expect(network.other.reaches(given(1))).toBe(true);
  } finally {
    await second.ipam.stop();
  }
});

test('a pod of the same node that was never deleted, though its record is gone, is found', () => {
  ipam.put('/v1/ranges/lan-n1', { subnet: 'lan', node: 'n1', start: given(0), end: given(1) });
  const unreleased = network.pod('a');
  const pod = network.pod('b');
  expect(addressesOf(plugin.add('a', unreleased).json)).toEqual([given(0)]);
  expect(addressesOf(plugin.add('b', pod).json)).toEqual([given(1)]);
  ipam.forget('a');
  plugin.del('b', pod.path);
  // The first that was released is the first to be given again.
  expect(addressesOf(plugin.add('c', network.pod('c')).json)).toEqual([given(1)]);
  expect(ipam.address(given(0))).toMatchObject({
    state: 'quarantined',
    why: expect.stringContaining(derived(0)),
  });
  expect(network.node.reaches(given(0))).toBe(true);
});

test('a host that answers in the place of another, as a node does for its ptp pods, is found', () => {
  ipam.prepareIpv6();
  const proxy = network.join('proxy', 12);
  proxy.ip('link add pod type veth peer name far');
  proxy.ip('link set pod up');
  proxy.ip('link set far up');
  proxy.ip(`route add ${given(0)}/32 dev pod`);
  proxy.ip(`neigh add proxy ${given(0)} dev eth0`);
  proxy.sysctl('net/ipv4/ip_forward', '1');
  proxy.sysctl('net/ipv4/neigh/eth0/proxy_delay', '0');
  expect(addressesOf(plugin.add('a', network.pod('a')).json)).toContain(given(1));
  expect(ipam.address(given(0))).toMatchObject({
    state: 'quarantined',
    why: expect.stringContaining(proxy.ask('link show eth0')[0].address),
  });
});

test('the same by IPv6', () => {
  ipam.prepareIpv6();
  const proxy = network.join('proxy', 12);
  proxy.ip('link add pod type veth peer name far');
  proxy.ip('link set pod up');
  proxy.ip('link set far up');
  proxy.ip('-6 route add fd00:9::1:1/128 dev pod');
  proxy.ip('-6 neigh add proxy fd00:9::1:1 dev eth0');
  proxy.sysctl('net/ipv6/conf/all/forwarding', '1');
  proxy.sysctl('net/ipv6/conf/eth0/proxy_ndp', '1');
  proxy.sysctl('net/ipv6/neigh/eth0/proxy_delay', '0');
  expect(addressesOf(plugin.add('a', network.pod('a')).json)).toContain('fd00:9::1:2');
  expect(ipam.address('fd00:9::1:1').state).toBe('quarantined');
});

test.each(['eth0', 'lo', 'inner'])('an address of the node itself, on %s, is found', (device) => {
  ipam.prepareIpv6();
  if (device === 'inner') {
    network.node.ip('link add inner type bridge');
  }
  network.node.ip(`address add ${given(0)}/32 dev ${device}`);
  network.node.ip(`address add fd00:9::1:1/128 dev ${device} nodad`);
  const { json } = plugin.add('a', network.pod('a'));
  const [link] = network.node.ask(`link show ${device === 'lo' ? 'eth0' : device}`);
  for (const ip of [given(0), 'fd00:9::1:1']) {
    expect(addressesOf(json)).not.toContain(ip);
    expect(ipam.address(ip)).toMatchObject({
      state: 'quarantined',
      why: expect.stringContaining(link.address),
    });
  }
});

test('a host route to a pod by an interface of its own is that pod; one by the shim may be left of a pod that is gone', () => {
  network.node.ip('link add veth0 type veth peer name far');
  network.node.ip('link set veth0 up');
  network.node.ip('link set far up');
  network.node.ip(`route add ${given(0)}/32 dev veth0 proto 82`);
  expect(addressesOf(plugin.add('a', network.pod('a')).json)).toEqual([given(1)]);
  expect(ipam.address(given(0)).state).toBe('quarantined');

  const [shim] = network.node.ask('link show type macvlan');
  network.node.ip(`route add ${given(2)}/32 dev ${shim.ifname} proto 82`);
  expect(addressesOf(plugin.add('b', network.pod('b')).json)).toEqual([given(2)]);
  expect(network.node.reaches(given(2))).toBe(true);
});

test('a default route, or one to the whole network, says nothing of an address', () => {
  network.node.ip('route add 10.9.1.0/24 dev eth0 proto 82');
  expect(addressesOf(plugin.add('a', network.pod('a')).json)).toEqual([given(0)]);
});

test('two nodes that give the same address at the same moment: two pods never have it both', async () => {
  const second = await secondNode();
  try {
    for (let round = 0; round < 5; round++) {
      const pods = [network.pod(`one${round}`), network.pod(`two${round}`)];
      const args = `IP=${given(round)}`;
      const plugins = [plugin, second.plugin];
      const statuses = await Promise.all(
        plugins.map((each, at) =>
          each.start({ command: 'ADD', id: `c${round}`, netns: pods[at]?.path ?? '', args }),
        ),
      );
      const having = pods.filter((pod) => pod.ask('link show').some(({ ifname }) => ifname === 'eth0'));
      expect(having.length).toBeLessThan(2);
      expect(having).toEqual(pods.filter((_, at) => statuses[at] === 0));
    }
  } finally {
    await second.ipam.stop();
  }
});
