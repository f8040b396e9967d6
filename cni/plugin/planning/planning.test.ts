import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import type { Master } from '../../node/node.ts';
import type { Plan } from '../../node/plan.ts';
import { configOf } from '../testing/config.ts';
import { mtuOf, planOf } from './planning.ts';

const master: Master = {
  index: 7,
  name: 'eth0',
  mac: Mac.parse('00:16:3e:12:34:56'),
  shimMac: Mac.parse('0e:58:00:12:34:56'),
  mtu: 1500,
  addresses: [Prefix.parse('192.0.2.1/24'), Prefix.parse('10.9.0.11/16'), Prefix.parse('fd00:9::11/64')],
};

function planned(
  conf: Record<string, unknown>,
  change: { gw?: string; ip?: string; destination?: string; master?: Partial<Master> } = {},
): Plan {
  const { gw = '10.9.0.1', ip = '10.9.1.7/16', destination = '0.0.0.0/0' } = change;
  return planOf(
    configOf(conf),
    { ...master, ...change.master },
    {
      ifname: 'eth0',
      mac: Mac.parse('0a:58:0a:09:01:07'),
      mtu: 1500,
      ips: [Prefix.parse(ip)],
      routes: [{ dst: Prefix.parse(destination), gw: Ip.parse(gw) }],
    },
  );
}

const written = ({ routes }: Plan) =>
  routes.map(
    ({ destination, gateway, onlink }) =>
      `${destination}${gateway ? ` ${gateway}` : ''}${onlink ? ' onlink' : ''}`,
  );

test('by the shim: the node’s own addresses and hostRoutes, the rest by the gateway', () => {
  const plan = planned({ hostRoutes: ['10.96.0.0/12'] });
  expect(written(plan)).toEqual([
    '169.254.1.1/32',
    '192.0.2.1/32 169.254.1.1',
    '10.9.0.11/32 169.254.1.1',
    '10.96.0.0/12 169.254.1.1',
    '0.0.0.0/0 10.9.0.1',
  ]);
  expect(plan.neighbours.map(({ ip, mac }) => `${ip} ${mac}`)).toEqual(['169.254.1.1 0e:58:00:12:34:56']);
});

test('hostRoutes that name an address of the node again, or one another, make no second route', () => {
  const plan = planned({ hostRoutes: ['10.96.0.0/12', '10.9.0.11/32', '10.96.0.0/12'] });
  expect(written(plan)).toEqual([
    '169.254.1.1/32',
    '192.0.2.1/32 169.254.1.1',
    '10.9.0.11/32 169.254.1.1',
    '10.96.0.0/12 169.254.1.1',
    '0.0.0.0/0 10.9.0.1',
  ]);
});

test('a pod with IPv6 has its node’s IPv6 and the hostRoutes of its own families by the shim', () => {
  const plan = planned(
    { hostRoutes: ['10.96.0.0/12', 'fd10:96::/112'] },
    { ip: 'fd00:9::7/64', gw: 'fd00:9::1', destination: '::/0' },
  );
  expect(written(plan)).toEqual([
    'fd1b:64c7:5258::1/128 fe80::5258:1',
    'fd00:9::11/128 fe80::5258:1',
    'fd10:96::/112 fe80::5258:1',
    '::/0 fd00:9::1',
  ]);
  expect(plan.neighbours.map(({ ip, mac }) => `${ip} ${mac}`)).toEqual(['fe80::5258:1 0e:58:00:12:34:56']);
  expect(plan.host?.ways.map(({ ip, source }) => `${ip} ${source}`)).toEqual(['fd00:9::7 fd00:9::11']);
});

test('by a pair of their own: what leads to the host, from the pod’s address; the rest stays with the interface', () => {
  const plan = planned({ mode: 'private', hostRoutes: ['10.96.0.0/12'] }, { gw: '10.9.0.11' });
  expect(written(plan)).toEqual([]);
  expect(plan.neighbours).toEqual([]);
  expect(written({ ...plan, routes: plan.host?.podEnd?.routes ?? [] })).toEqual([
    '169.254.1.1/32',
    '192.0.2.1/32 169.254.1.1',
    '10.9.0.11/32 169.254.1.1',
    '10.96.0.0/12 169.254.1.1',
    '0.0.0.0/0 169.254.1.1',
  ]);
  const sources = plan.host?.podEnd?.routes.map(({ source }) => `${source}`);
  expect(new Set(sources)).toEqual(new Set(['10.9.1.7']));
});

test('the host speaks from its address in the pod’s subnet, else from any on the master, else from none', () => {
  const source = (change: Parameters<typeof planned>[1]) =>
    planned({}, change).host?.ways[0]?.source?.toString();
  expect(source({})).toBe('10.9.0.11');
  expect(source({ ip: '172.16.0.7/24' })).toBe('192.0.2.1');
  expect(source({ master: { addresses: [] } })).toBeUndefined();
});

test('a gateway that is the node itself is reached by the shim, because the master would never answer', () => {
  expect(written(planned({}, { gw: '10.9.0.11' }))).toContain('0.0.0.0/0 169.254.1.1');
});

test('a gateway outside the pod’s subnet is on the link all the same', () => {
  expect(written(planned({ hostAccess: 'none' }, { gw: '10.8.0.1' }))).toEqual(['0.0.0.0/0 10.8.0.1 onlink']);
});

test('without hostAccess there is nothing of the host in the plan', () => {
  expect(planned({ hostAccess: 'none' })).toMatchObject({ neighbours: [] });
  expect(planned({ hostAccess: 'none' })).not.toHaveProperty('host');
});

test('a master without Ethernet address can’t have a shim', () => {
  expect(() => planned({}, { master: { shimMac: undefined } })).toThrow(
    expect.objectContaining({ code: 'SHIM_UNUSABLE' }),
  );
});

test('the MTU is the master’s unless the configuration lowers it', () => {
  expect(mtuOf(configOf(), master)).toBe(1500);
  expect(mtuOf(configOf({ mtu: 1400 }), master)).toBe(1400);
  expect(() => mtuOf(configOf({ mtu: 1501 }), master)).toThrow('eth0 has an MTU of 1500 only');
});
