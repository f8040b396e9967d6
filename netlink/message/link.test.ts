import { vector } from '../testing/vector.ts';
import { decodeLink } from './link.ts';

const header = '00 00 01 00  04 00 00 00  43 10 01 00  00 00 00 00'; // Ethernet, index 4, flags 0x11043

test('a macvlan is read with kind, mode, parent and the parent’s namespace', () => {
  const link = decodeLink(
    vector(`
      ${header}
      09 00 03 00  65 74 68 30  00 00 00 00               # IFLA_IFNAME "eth0"
      05 00 10 00  06 00 00 00                            # IFLA_OPERSTATE up
      08 00 04 00  78 05 00 00                            # IFLA_MTU 1400
      08 00 05 00  03 00 00 00                            # IFLA_LINK 3
      08 00 25 00  00 00 00 00                            # IFLA_LINK_NETNSID 0
      08 00 23 00  02 00 00 00                            # IFLA_CARRIER_CHANGES 2
      0a 00 01 00  0a 58 0a 09  01 07 00 00               # IFLA_ADDRESS
      2c 00 12 00                                         # IFLA_LINKINFO (the kernel leaves the nested bit out)
        0c 00 01 00  6d 61 63 76  6c 61 6e 00             #   IFLA_INFO_KIND "macvlan"
        1c 00 02 00                                       #   IFLA_INFO_DATA
          08 00 01 00  04 00 00 00                        #     IFLA_MACVLAN_MODE bridge
          06 00 02 00  00 00 00 00                        #     IFLA_MACVLAN_FLAGS
          08 00 07 00  e8 03 00 00                        #     IFLA_MACVLAN_BC_QUEUE_LEN 1000`),
  );
  expect(link).toMatchObject({
    index: 4,
    name: 'eth0',
    up: true,
    carrier: true,
    carrierChanges: 2,
    flags: ['up', 'broadcast', 'running', 'multicast', 'lower-up'],
    mtu: 1400,
    operstate: 'up',
    kind: 'macvlan',
    macvlan: { mode: 'bridge', noPromiscuous: false, broadcastQueue: 1000 },
    parentIndex: 3,
    parentNetnsId: 0,
    masterIndex: undefined,
  });
  expect(link.mac?.toString()).toBe('0a:58:0a:09:01:07');
});

test('a VLAN is read with id and protocol', () => {
  const link = decodeLink(
    vector(`
      ${header}
      24 00 12 00                              # IFLA_LINKINFO
        09 00 01 00  76 6c 61 6e  00 00 00 00  #   IFLA_INFO_KIND "vlan"
        14 00 02 00                            #   IFLA_INFO_DATA
          06 00 01 00  64 00 00 00             #     IFLA_VLAN_ID 100
          06 00 05 00  81 00 00 00             #     IFLA_VLAN_PROTOCOL ETH_P_8021Q`),
  );
  expect(link.vlan).toEqual({ id: 100, protocol: '802.1q' });
});

test('an address that is no MAC, and a mode of a later kernel, are left open', () => {
  const link = decodeLink(
    vector(`
      ${header}
      08 00 01 00  0a 09 01 07                 # IFLA_ADDRESS of a tunnel: four octets
      1c 00 12 00                              # IFLA_LINKINFO
        0c 00 01 00  6d 61 63 76  6c 61 6e 00
        0c 00 02 00  08 00 01 00  40 00 00 00  #   mode 64`),
  );
  expect(link.mac).toBeUndefined();
  expect(link.macvlan?.mode).toBeUndefined();
});

test('a cut attribute is an error, not a guess', () => {
  expect(() => decodeLink(vector(`${header} 0c 00 03 00 65`))).toThrow(RangeError);
});
