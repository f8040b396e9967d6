import { Mac } from '../../../core/address/mac.ts';
import type { Link } from '../../../netlink/message/link.ts';
import { devicesOf } from './devices.ts';

const mac = Mac.parse('52:54:00:00:00:01');

function link(fields: Partial<Link>): Link {
  return {
    index: 2,
    name: 'eth0',
    up: true,
    carrier: true,
    carrierChanges: 1,
    flags: [],
    mtu: 1500,
    mac,
    operstate: 'up',
    kind: undefined,
    macvlan: undefined,
    vlan: undefined,
    parentIndex: undefined,
    parentNetnsId: undefined,
    masterIndex: undefined,
    promiscuity: 0,
    alias: undefined,
    ...fields,
  };
}

test('the master and its VLANs are listened on; shims, other interfaces’ VLANs and those of other namespaces are not', () => {
  const links = [
    link({}),
    link({ name: 'realip2', index: 3, kind: 'macvlan', parentIndex: 2 }),
    link({ name: 'eth0.100', index: 4, kind: 'vlan', parentIndex: 2 }),
    link({ name: 'eth1.100', index: 5, kind: 'vlan', parentIndex: 9 }),
    link({ name: 'far.100', index: 6, kind: 'vlan', parentIndex: 2, parentNetnsId: 0 }),
    link({ name: 'tun0', index: 7, mac: undefined }),
  ];
  expect(devicesOf(links, 'eth0').map(({ name }) => name)).toEqual(['eth0', 'eth0.100']);
  expect(devicesOf(links, 'eth0')[0]?.own).toEqual([mac, Mac.parse('0e:58:00:00:00:01')]);
  expect(devicesOf(links, 'eth9')).toEqual([]);
});
