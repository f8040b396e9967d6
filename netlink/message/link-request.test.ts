import { Mac } from '../../core/address/mac.ts';
import { vector } from '../testing/vector.ts';
import { changeLink, createLink, deleteLink, getLink, listLinks } from './link-request.ts';

const parent = { index: 3, name: 'uplink' };

test('a macvlan is made straight into a namespace, with mode, MAC, MTU and queue', () => {
  const mac = Mac.parse('0a:58:0a:09:01:07');
  const netns = { fd: 9 };
  const request = createLink({
    kind: 'macvlan',
    name: 'eth0',
    parent,
    mode: 'bridge',
    mac,
    mtu: 1400,
    netns,
    broadcastQueue: 1000,
  });
  expect(request.type).toBe(16); // RTM_NEWLINK
  expect(request.flags).toBe(0x600); // NLM_F_CREATE | NLM_F_EXCL
  expect(request.body).toEqual(
    vector(`
      00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00  # struct ifinfomsg: new index, no flags changed
      09 00 03 00  65 74 68 30  00 00 00 00               # IFLA_IFNAME "eth0", padded
      0a 00 01 00  0a 58 0a 09  01 07 00 00               # IFLA_ADDRESS, padded
      08 00 04 00  78 05 00 00                            # IFLA_MTU 1400
      08 00 1c 00  09 00 00 00                            # IFLA_NET_NS_FD 9
      08 00 05 00  03 00 00 00                            # IFLA_LINK 3
      24 00 12 80                                         # IFLA_LINKINFO, nested
        0c 00 01 00  6d 61 63 76  6c 61 6e 00             #   IFLA_INFO_KIND "macvlan"
        14 00 02 80                                       #   IFLA_INFO_DATA, nested
          08 00 01 00  04 00 00 00                        #     IFLA_MACVLAN_MODE bridge
          08 00 07 00  e8 03 00 00                        #     IFLA_MACVLAN_BC_QUEUE_LEN 1000`),
  );
});

test('the flags of a macvlan are sixteen bits wide', () => {
  const request = createLink({ kind: 'macvlan', name: 'm', parent, mode: 'passthru', noPromiscuous: true });
  expect(request.body.slice(-16)).toEqual(
    vector(`
      08 00 01 00  08 00 00 00  # IFLA_MACVLAN_MODE passthru
      06 00 02 00  01 00 00 00  # IFLA_MACVLAN_FLAGS NOPROMISC (u16), padded`),
  );
});

test('a veth carries its peer as a link within the link', () => {
  const request = createLink({ kind: 'veth', name: 'a', peer: { name: 'b', netns: { pid: 7 } } });
  expect(request.body).toEqual(
    vector(`
      00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00  # struct ifinfomsg
      06 00 03 00  61 00 00 00                            # IFLA_IFNAME "a"
      38 00 12 80                                         # IFLA_LINKINFO
        09 00 01 00  76 65 74 68  00 00 00 00             #   IFLA_INFO_KIND "veth"
        28 00 02 80                                       #   IFLA_INFO_DATA
          24 00 01 00                                     #     VETH_INFO_PEER
            00 00 00 00  00 00 00 00                      #       struct ifinfomsg of the peer
            00 00 00 00  00 00 00 00                      #       no flags changed
            06 00 03 00  62 00 00 00                      #       IFLA_IFNAME "b"
            08 00 13 00  07 00 00 00                      #       IFLA_NET_NS_PID 7`),
  );
});

test('a VLAN’s protocol is big-endian, its id is not', () => {
  const request = createLink({ kind: 'vlan', name: 'v', parent, id: 100, protocol: '802.1ad' });
  expect(request.body.slice(-16)).toEqual(
    vector(`
      06 00 01 00  64 00 00 00  # IFLA_VLAN_ID 100
      06 00 05 00  88 a8 00 00  # IFLA_VLAN_PROTOCOL ETH_P_8021AD`),
  );
});

test('a change names only what is to be different', () => {
  const request = changeLink(5, { up: true, addressGeneration: 'none', master: 0 });
  expect(request.type).toBe(19); // RTM_SETLINK
  expect(request.body).toEqual(
    vector(`
      00 00 00 00  05 00 00 00  01 00 00 00  01 00 00 00  # struct ifinfomsg: index 5, IFF_UP of IFF_UP
      08 00 0a 00  00 00 00 00                            # IFLA_MASTER none
      10 00 1a 80                                         # IFLA_AF_SPEC
        0c 00 0a 80                                       #   AF_INET6
          05 00 08 00  01 00 00 00                        #     IFLA_INET6_ADDR_GEN_MODE none`),
  );
});

test('down clears the flag and says that it does', () => {
  expect(changeLink(5, { up: false }).body).toEqual(
    vector('00 00 00 00  05 00 00 00  00 00 00 00  01 00 00 00'),
  );
});

test('links are asked for by index or name, without their counters', () => {
  expect(getLink('lo').body).toEqual(
    vector(`
      00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
      07 00 03 00  6c 6f 00 00  # IFLA_IFNAME "lo"
      08 00 1d 00  08 00 00 00  # IFLA_EXT_MASK RTEXT_FILTER_SKIP_STATS`),
  );
  expect(getLink(7).body.slice(4, 8)).toEqual(vector('07 00 00 00'));
  expect(listLinks().flags).toBe(0x300); // NLM_F_DUMP
});

test('a link is deleted by index', () => {
  const request = deleteLink({ index: 7, name: 'eth0' });
  expect(request.type).toBe(17); // RTM_DELLINK
  expect(request.body).toEqual(vector('00 00 00 00  07 00 00 00  00 00 00 00  00 00 00 00'));
});
