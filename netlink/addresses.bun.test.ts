import { describe, expect, test } from 'bun:test';
import { Ip } from '../core/address/ip.ts';
import { Prefix } from '../core/address/prefix.ts';
import { reasonToSkip, ScratchNetns } from './testing/scratch-netns.bun.ts';

const reason = reasonToSkip();
const v4 = Prefix.parse('10.9.1.7/16');
const v6 = Prefix.parse('fd00:9::7/64');

/** The namespace's `uplink` has the addresses that the test gives it. */
function prepared() {
  const scratch = new ScratchNetns();
  scratch.addUplink();
  return { scratch, netlink: scratch.netlink, link: scratch.netlink.links.get('uplink') };
}

describe.skipIf(reason !== undefined)(`addresses in the kernel${reason ? ` (${reason})` : ''}`, () => {
  test('IPv4 and IPv6 addresses are given, the latter at once usable with nodad', () => {
    const { scratch, netlink, link } = prepared();
    using _ = scratch;
    netlink.addresses.add({ link, prefix: v4, broadcast: Ip.parse('10.9.255.255') });
    netlink.addresses.add({ link, prefix: v6, flags: ['nodad'] });
    const [first, second] = scratch
      .ask('address show uplink')
      .flatMap((each) => each['addr_info'] as Record<string, unknown>[])
      .filter((each) => each['scope'] === 'global');
    expect(first).toMatchObject({ local: '10.9.1.7', prefixlen: 16, broadcast: '10.9.255.255' });
    expect(second).toMatchObject({ local: 'fd00:9::7', prefixlen: 64, nodad: true });
    expect(second).not.toHaveProperty('tentative');
  });

  test('an IPv6 address that is there takes other flags', () => {
    const { scratch, netlink, link } = prepared();
    using _ = scratch;
    netlink.addresses.add({ link, prefix: v6, flags: ['nodad'] });
    netlink.addresses.replace({ link, prefix: v6, flags: ['nodad', 'noprefixroute'] });
    const [address] = netlink.addresses.list({ link, family: 'ipv6' }).filter((each) => each.scope === 0);
    expect(address?.flags).toContain('noprefixroute');
  });

  test('a list is of one link and family', () => {
    const { scratch, netlink, link } = prepared();
    using _ = scratch;
    netlink.addresses.add({ link, prefix: v4 });
    scratch.ip('address add 10.8.0.1/24 dev switch');
    const [address, ...others] = netlink.addresses.list({ link, family: 'ipv4' });
    expect(others).toEqual([]);
    expect(address).toMatchObject({ index: link.index, scope: 0, flags: ['permanent'] });
    expect(`${address?.prefix}`).toBe('10.9.1.7/16');
    expect(netlink.addresses.list({ family: 'ipv4' })).toHaveLength(2);
  });

  test('a second add is EEXIST, a delete takes it away, a second delete is EADDRNOTAVAIL', () => {
    const { scratch, netlink, link } = prepared();
    using _ = scratch;
    netlink.addresses.add({ link, prefix: v4 });
    expect(() => netlink.addresses.add({ link, prefix: v4 })).toThrow(
      'could not add address 10.9.1.7/16 to uplink: EEXIST (17)',
    );
    netlink.addresses.replace({ link, prefix: v4 });
    expect(netlink.addresses.list({ link, family: 'ipv4' })).toHaveLength(1);
    netlink.addresses.delete(link, v4);
    expect(() => netlink.addresses.delete(link, v4)).toThrow('EADDRNOTAVAIL (99)');
  });
});
