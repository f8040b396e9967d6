import { Capture } from './capture.ts';
import { IpamServer } from './ipam.ts';
import { Network } from './network.ts';
import { Plugin } from './plugin.ts';

let network: Network;
let ipam: IpamServer;
let plugin: Plugin;

beforeAll(async () => {
  network = new Network();
  ipam = await IpamServer.start(network.node);
  ipam.prepare({ start: '10.9.1.0', end: '10.9.1.255' });
  ipam.prepareIpv6();
  plugin = new Plugin(network.node);
});

afterAll(async () => {
  await ipam?.stop();
  network?.remove();
});

const bare = (address: string) => address.replace(/\/.*/, '');

test('a pod has both families at once, and the LAN hears of both', async () => {
  const pod = network.pod('a');
  const capture = await Capture.start(network.switch, 'lan', 'arp or icmp6');
  const { status, json } = plugin.add('a', pod);
  expect(status).toBe(0);
  const [link] = pod.ask('address show eth0');
  const six = link.addr_info.find(
    (each: { scope: string; family: string }) => each.family === 'inet6' && each.scope === 'global',
  );
  expect(six).toMatchObject({ nodad: true, prefixlen: 64 });
  expect(six).not.toHaveProperty('tentative');
  expect(pod.ask('-6 route show default')).toMatchObject([{ gateway: 'fd00:9::1' }]);
  expect(json.routes).toEqual([
    { dst: '0.0.0.0/0', gw: '10.9.0.1' },
    { dst: '::/0', gw: 'fd00:9::1' },
  ]);
  const frames = (await capture.stop()).join('\n');
  expect(frames).toMatch(
    new RegExp(`who-has ${bare(json.ips[0].address)} .*tell ${bare(json.ips[0].address)}`),
  );
  expect(frames).toMatch(new RegExp(`neighbor advertisement, tgt is ${bare(json.ips[1].address)}`));
  expect(network.other.reaches(bare(json.ips[1].address))).toBe(true);
});

test('one family when one is asked for', () => {
  const pod = network.pod('b');
  const conf = { ipam: { ...(plugin.conf['ipam'] as object), families: ['ipv6'] } };
  const { json } = plugin.add('b', pod, { conf });
  expect(json.ips.map((ip: { address: string }) => ip.address.includes(':'))).toEqual([true]);
  expect(plugin.check('b', pod, json, conf).status).toBe(0);
  expect(plugin.del('b', pod.path, { conf }).status).toBe(0);
});

test('both or neither: without an IPv6 address left there is no IPv4 one either', () => {
  const pod = network.pod('c');
  const before = ipam.allocated();
  const { json } = plugin.add('c', pod, { args: 'IP=10.9.1.50,fd00:9::ffff' });
  expect(json).toHaveProperty('code');
  expect(ipam.allocated()).toEqual(before);
});

test.each(['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'])(
  'the result as %s writes it',
  (cniVersion) => {
    const id = `v${cniVersion.replaceAll('.', '')}`;
    const { json } = plugin.add(id, network.pod(id), { conf: { cniVersion } });
    expect(json.cniVersion).toBe(cniVersion);
    if (cniVersion < '0.3.0') {
      expect(json).toMatchObject({
        ip4: { gateway: '10.9.0.1' },
        ip6: { routes: [{ dst: '::/0', gw: 'fd00:9::1' }] },
      });
    } else {
      const versions = json.ips.map((ip: { version?: string }) => ip.version);
      expect(versions).toEqual(cniVersion < '1.0.0' ? ['4', '6'] : [undefined, undefined]);
      expect('mtu' in json.interfaces[0]).toBe(cniVersion === '1.1.0');
    }
  },
);
