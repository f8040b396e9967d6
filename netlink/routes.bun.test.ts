import { describe, expect, test } from 'bun:test';
import { Ip } from '../core/address/ip.ts';
import { Prefix } from '../core/address/prefix.ts';
import { scopes } from './message/route.ts';
import { reasonToSkip, ScratchNetns } from './testing/scratch-netns.bun.ts';

const reason = reasonToSkip();
const everywhere = Prefix.parse('0.0.0.0/0');
const gateway = Ip.parse('10.9.0.1');

/** `uplink` has 10.9.1.7/16 and fd00:9::7/64. */
function prepared() {
  const scratch = new ScratchNetns();
  scratch.addUplink();
  scratch.ip('address add 10.9.1.7/16 dev uplink');
  scratch.ip('address add fd00:9::7/64 dev uplink nodad');
  return { scratch, routes: scratch.netlink.routes, link: scratch.netlink.links.get('uplink') };
}

describe.skipIf(reason !== undefined)(`routes in the kernel${reason ? ` (${reason})` : ''}`, () => {
  test('a default route carries gateway, source, priority and metrics, and is found again', () => {
    const { scratch, routes, link } = prepared();
    using _ = scratch;
    const source = Ip.parse('10.9.1.7');
    routes.add({ destination: everywhere, gateway, source, priority: 50, mtu: 1400, advmss: 1360 });
    expect(scratch.ask('route show default')).toMatchObject([
      {
        dst: 'default',
        gateway: '10.9.0.1',
        dev: 'uplink',
        prefsrc: '10.9.1.7',
        metric: 50,
        protocol: 'static',
        metrics: [{ mtu: 1400, advmss: 1360 }],
      },
    ]);
    expect(routes.findDefault('ipv4')).toMatchObject({ index: link.index, priority: 50, mtu: 1400 });
    expect(`${routes.findDefault('ipv4')?.gateway}`).toBe('10.9.0.1');
    expect(routes.findDefault('ipv6')).toBeUndefined();
  });

  test('a namespace that never had a route has no table either, and none is found', () => {
    using scratch = new ScratchNetns();
    const { routes } = scratch.netlink;
    expect(routes.findDefault('ipv4')).toBeUndefined();
    expect(routes.findDefault('ipv6')).toBeUndefined();
    expect(routes.list({ family: 'ipv4', table: 252 })).toEqual([]);
  });

  test('the route that leads to an address: its own, a longer one, none', () => {
    const { scratch, routes, link } = prepared();
    using _ = scratch;
    scratch.ip('route add 10.9.1.8/32 dev uplink proto 82');
    scratch.ip('route add fd00:9::8/128 dev uplink proto 82');
    scratch.ip('route add blackhole 10.8.0.0/16');
    const found = (ip: string) => {
      const route = routes.match(Ip.parse(ip));
      return route && `${route.kind} ${route.destination} ${route.index} ${route.protocol}`;
    };
    expect(found('10.9.1.7')).toBe(`local 10.9.1.7/32 ${link.index} 2`);
    expect(found('fd00:9::7')).toBe(`local fd00:9::7/128 ${link.index} 2`);
    expect(found('10.9.1.8')).toBe(`unicast 10.9.1.8/32 ${link.index} 82`);
    expect(found('fd00:9::8')).toBe(`unicast fd00:9::8/128 ${link.index} 82`);
    expect(found('10.9.1.9')).toBe(`unicast 10.9.0.0/16 ${link.index} 2`);
    expect(found('10.8.0.1')).toBeUndefined();
    expect(found('10.7.0.1')).toBeUndefined();
    expect(found('fd00:7::1')).toBeUndefined();
  });

  test('the default route of lowest priority is the one that counts', () => {
    const { scratch, routes } = prepared();
    using _ = scratch;
    routes.add({ destination: everywhere, gateway: Ip.parse('10.9.0.2'), priority: 100 });
    routes.add({ destination: everywhere, gateway, priority: 10 });
    expect(`${routes.findDefault('ipv4')?.gateway}`).toBe('10.9.0.1');
  });

  test('a gateway that no route reaches is refused in the kernel’s words, unless it is on-link', () => {
    const { scratch, routes, link } = prepared();
    using _ = scratch;
    const route = { destination: everywhere, gateway: Ip.parse('169.254.1.1'), link };
    expect(() => routes.add(route)).toThrow(
      'could not add route 0.0.0.0/0 via 169.254.1.1 by uplink: ENETUNREACH (101): Nexthop has invalid gateway',
    );
    routes.add({ ...route, onlink: true });
    expect(scratch.ask('route show default')).toMatchObject([{ gateway: '169.254.1.1', flags: ['onlink'] }]);
  });

  test('a host route of link scope is added, replaced and deleted, in a table of its own', () => {
    const { scratch, routes, link } = prepared();
    using _ = scratch;
    const destination = Prefix.parse('10.9.5.5/32');
    routes.add({ destination, link, table: 1000 });
    expect(scratch.ask('route show table 1000')).toMatchObject([{ dst: '10.9.5.5', scope: 'link' }]);
    expect(() => routes.add({ destination, link, table: 1000 })).toThrow('EEXIST (17)');
    routes.replace({ destination, link, table: 1000, mtu: 1300 });
    expect(routes.list({ table: 1000 })).toMatchObject([{ scope: scopes.link, mtu: 1300, table: 1000 }]);
    routes.delete({ destination, table: 1000 });
    expect(routes.list({ table: 1000 })).toEqual([]);
    expect(() => routes.delete({ destination, table: 1000 })).toThrow('ESRCH (3)');
  });

  test('an IPv6 default route, an IPv4 one by an IPv6 gateway, and a black hole', () => {
    const { scratch, routes, link } = prepared();
    using _ = scratch;
    const sixth = Ip.parse('fd00:9::1');
    routes.add({ destination: Prefix.parse('::/0'), gateway: sixth, link, mtu: 1400 });
    expect(scratch.ask('-6 route show default')).toMatchObject([{ gateway: 'fd00:9::1', dev: 'uplink' }]);
    expect(`${routes.findDefault('ipv6')?.gateway}`).toBe('fd00:9::1');
    routes.add({ destination: Prefix.parse('10.20.0.0/16'), gateway: sixth, link });
    expect(scratch.ask('route show 10.20.0.0/16')).toMatchObject([
      { via: { family: 'inet6', host: 'fd00:9::1' } },
    ]);
    routes.add({ destination: Prefix.parse('10.30.0.0/16'), kind: 'blackhole' });
    expect(scratch.ask('route show 10.30.0.0/16')).toMatchObject([{ type: 'blackhole' }]);
  });

  test('a list is of one family, table and link', () => {
    const { scratch, routes, link } = prepared();
    using _ = scratch;
    const listed = routes.list({ family: 'ipv4', table: 254, link });
    expect(listed.map((route) => `${route.destination}`)).toEqual(['10.9.0.0/16']);
    expect(routes.list().length).toBeGreaterThan(listed.length);
  });

  test('a rule is added once and deleted once', () => {
    const { scratch } = prepared();
    using _ = scratch;
    const { rules } = scratch.netlink;
    const from = Prefix.parse('10.9.1.7/32');
    const rule = { family: 'ipv4', priority: 100, table: 1000, from, incoming: 'lo' } as const;
    rules.add(rule);
    expect(scratch.ask('rule show priority 100')).toMatchObject([
      { priority: 100, src: '10.9.1.7', iif: 'lo', table: '1000' },
    ]);
    expect(rules.list('ipv4').find((each) => each.priority === 100)).toMatchObject({
      table: 1000,
      incoming: 'lo',
    });
    expect(() => rules.add(rule)).toThrow('could not add ipv4 rule 100 for table 1000: EEXIST (17)');
    rules.delete(rule);
    expect(() => rules.delete(rule)).toThrow('ENOENT (2)');
  });
});
