import { Ip } from '../../core/address/ip.ts';
import { Prefix } from '../../core/address/prefix.ts';
import { podRoutes } from './routes.ts';
import { allocationOf } from './testing/allocation.ts';

function written(change: Parameters<typeof allocationOf>[0]): string[] {
  return podRoutes(allocationOf(change)).map(({ dst, gw }) => (gw ? `${dst} via ${gw}` : `${dst}`));
}

test('the gateway makes the default route', () => {
  expect(written({})).toEqual(['0.0.0.0/0 via 10.9.0.1']);
});

test('unless the subnet’s routes hold one', () => {
  const routes = [{ dst: Prefix.parse('0.0.0.0/0'), gw: Ip.parse('10.9.0.254') }];
  expect(written({ routes })).toEqual(['0.0.0.0/0 via 10.9.0.254']);
});

test('a route without gateway uses the one of its own family, and is on the link where there is none', () => {
  const routes = [{ dst: Prefix.parse('10.20.0.0/16') }, { dst: Prefix.parse('fd00:20::/64') }];
  expect(written({ routes })).toEqual([
    '10.20.0.0/16 via 10.9.0.1',
    'fd00:20::/64',
    '0.0.0.0/0 via 10.9.0.1',
  ]);
});

test('each family has its own default route', () => {
  const ips = [
    { address: Prefix.parse('10.9.1.7/16'), gateway: Ip.parse('10.9.0.1') },
    { address: Prefix.parse('fd00:9::7/64'), gateway: Ip.parse('fd00:9::1') },
  ];
  expect(written({ ips })).toEqual(['0.0.0.0/0 via 10.9.0.1', '::/0 via fd00:9::1']);
});

test('without a gateway there is no default route', () => {
  expect(written({ ips: [{ address: Prefix.parse('10.9.1.7/16') }] })).toEqual([]);
});
