import { Network } from '../kernel/network.ts';
import { DelegatingPlugin } from './delegating.ts';

let network: Network;

beforeEach(() => {
  network = new Network();
});

afterEach(() => network?.remove());

const ipam = {
  type: 'static',
  addresses: [
    { address: '10.9.4.1/16', gateway: '10.9.0.1' },
    { address: 'fd00:9::4:1/64', gateway: 'fd00:9::1' },
  ],
  routes: [{ dst: '0.0.0.0/0' }, { dst: '192.0.2.0/24', gw: '10.9.0.99' }, { dst: '::/0' }],
  dns: { nameservers: ['10.9.0.53'], domain: 'example', search: ['example'], options: ['ndots:2'] },
};

test('static addresses, routes and name servers: ADD, CHECK, DEL', () => {
  const plugin = new DelegatingPlugin(network.node, ipam);
  const pod = network.pod('s');
  const added = plugin.add('st-s', pod);
  expect(added.json).toMatchObject({
    interfaces: [{ mac: '0a:58:0a:09:04:01' }],
    ips: [{ address: '10.9.4.1/16' }, { address: 'fd00:9::4:1/64' }],
    routes: [
      { dst: '0.0.0.0/0', gw: '10.9.0.1' },
      { dst: '192.0.2.0/24', gw: '10.9.0.99' },
      { dst: '::/0', gw: 'fd00:9::1' },
    ],
    dns: ipam.dns,
  });
  expect(pod.ask('route show default')).toMatchObject([{ gateway: '10.9.0.1' }]);
  expect(pod.ask('route show 192.0.2.0/24')).toMatchObject([{ gateway: '10.9.0.99' }]);
  expect(pod.ask('-6 route show default')).toMatchObject([{ gateway: 'fd00:9::1' }]);
  expect(network.other.reaches('10.9.4.1')).toBe(true);
  expect(network.other.reaches('fd00:9::4:1')).toBe(true);
  expect(plugin.check('st-s', pod, added.json)).toMatchObject({ status: 0, stdout: '' });
  expect(plugin.del('st-s', pod.path, { conf: { prevResult: added.json } }).status).toBe(0);
  expect(pod.ask('link show')).toHaveLength(1);
  expect(network.node.ask('route show proto 82')).toEqual([]);
});

test('addresses by CNI_ARGS, as podman gives them', () => {
  const plugin = new DelegatingPlugin(network.node, { type: 'static' });
  const pod = network.pod('a');
  const args = 'IP=10.9.4.9/16;IgnoreUnknown=1;GATEWAY=10.9.0.1';
  expect(plugin.add('st-a', pod, { args }).json).toMatchObject({
    ips: [{ address: '10.9.4.9/16', gateway: '10.9.0.1' }],
    routes: [],
  });
  expect(plugin.del('st-a', pod.path, { args }).status).toBe(0);
});

test('an address that somebody on the network uses: ADD fails naming address and MAC, nothing is left', () => {
  const addresses = [{ address: '10.9.0.99/16' }];
  const plugin = new DelegatingPlugin(network.node, { type: 'static', addresses });
  const pod = network.pod('t');
  const [{ address: mac }] = network.other.ask('link show eth0');
  const answer = plugin.add('st-t', pod);
  expect(answer.status).toBe(1);
  expect(answer.json.msg).toContain('10.9.0.99');
  expect(answer.json.msg).toContain(mac);
  expect(pod.ask('link show')).toHaveLength(1);
  expect(network.node.ask('route show proto 82')).toEqual([]);
});
