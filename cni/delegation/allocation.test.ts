import { Ip } from '../../core/address/ip.ts';
import { Mac } from '../../core/address/mac.ts';
import type { CniResult } from '../../core/cni/result.ts';
import type { Wish } from '../plugin/ipam/ipam.ts';
import { allocationOf } from './allocation.ts';

const result = (change: Partial<CniResult>): CniResult => ({
  interfaces: [],
  ips: [{ address: 'fd00:9::3:1/64' }, { address: '10.9.3.1/16', gateway: '10.9.0.1' }],
  routes: [],
  dns: {},
  ...change,
});
const read = (change: Partial<CniResult> = {}, wish: Wish = {}) =>
  allocationOf('pool', result(change), wish, { macPrefix: '0a:77', vlan: 100 });

test('the MAC is derived from the IPv4 address where there is one', () => {
  expect(read().mac.toString()).toBe('0a:77:0a:09:03:01');
  expect(read({ ips: [{ address: 'fd00:9::3:1/64' }] }).mac.toString()).toBe('0a:77:00:03:00:01');
  expect(read({}, { mac: Mac.parse('02:00:00:00:00:01') }).mac.toString()).toBe('02:00:00:00:00:01');
});

test('addresses carry the VLAN of the configuration, and all routes are the plugin’s own', () => {
  const { ips, routesAreAll, routes, dns } = read({
    routes: [{ dst: '0.0.0.0/0', gw: '', mtu: 1400 }],
    dns: { nameservers: ['10.9.0.53'] },
  });
  expect(ips.map(({ vlan }) => vlan)).toEqual([100, 100]);
  expect(routesAreAll).toBe(true);
  expect(JSON.parse(JSON.stringify(routes))).toEqual([{ dst: '0.0.0.0/0', mtu: 1400 }]);
  expect(dns).toEqual({ nameservers: ['10.9.0.53'] });
});

test('another address than the one asked for is refused', () => {
  expect(() => read({}, { addresses: [Ip.parse('10.9.3.1')] })).not.toThrow();
  expect(() => read({}, { addresses: [Ip.parse('10.9.3.2')] })).toThrow(
    'the IPAM plugin "pool" gave fd00:9::3:1, 10.9.3.1 and not 10.9.3.2',
  );
});

test.each([
  { ips: [{ address: '10.9.3.1/16', gateway: 'nowhere' }] },
  { routes: [{ dst: '192.0.2.7/24' }] },
  { routes: [{ dst: '192.0.2.0/24', gw: '10.9' }] },
])('%j is refused, naming the plugin', (change) => {
  expect(() => read(change)).toThrow(
    expect.objectContaining({ code: 'IPAM_PLUGIN_FAILED', message: expect.stringContaining('"pool"') }),
  );
});
