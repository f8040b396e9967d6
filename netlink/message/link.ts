import { Mac } from '../../core/address/mac.ts';
import { Attributes } from './attributes.ts';
import { decodeMacvlan, decodeVlan, infoTypes, type MacvlanInfo, type VlanInfo } from './link-kind.ts';
import { type NameIn, nameOf, namesOfBits } from './names.ts';
import { concat, readI32, readU32, u8, u16, u32 } from './octets.ts';

/** IFLA_* of <linux/if_link.h>. */
export const linkTypes = {
  ADDRESS: 1,
  BROADCAST: 2,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  OPERSTATE: 16,
  LINKINFO: 18,
  NET_NS_PID: 19,
  IFALIAS: 20,
  AF_SPEC: 26,
  NET_NS_FD: 28,
  EXT_MASK: 29,
  PROMISCUITY: 30,
  CARRIER: 33,
  CARRIER_CHANGES: 35,
  LINK_NETNSID: 37,
  NEW_IFINDEX: 49,
} as const;

/** IFF_* of <linux/if.h>. */
const linkFlags = {
  up: 0x1,
  broadcast: 0x2,
  loopback: 0x8,
  pointopoint: 0x10,
  running: 0x40,
  noarp: 0x80,
  promisc: 0x100,
  allmulti: 0x200,
  multicast: 0x1000,
  'lower-up': 0x10000,
  dormant: 0x20000,
} as const;
export type LinkFlag = NameIn<typeof linkFlags>;

/** RFC 2863's states as IF_OPER_* of <linux/if.h> numbers them. */
const operstates = {
  unknown: 0,
  notpresent: 1,
  down: 2,
  lowerlayerdown: 3,
  testing: 4,
  dormant: 5,
  up: 6,
} as const;
export type Operstate = NameIn<typeof operstates>;

/** A network interface as the kernel reports it. */
export interface Link {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  /** Reports whether the layer below has carrier (IFF_LOWER_UP). */
  readonly carrier: boolean;
  /** How often it got or lost its carrier since it was made, so that a short loss is seen afterwards. */
  readonly carrierChanges: number;
  readonly flags: readonly LinkFlag[];
  readonly mtu: number;
  /** Undefined for links without a 48-bit address. */
  readonly mac: Mac | undefined;
  readonly operstate: Operstate;
  /** `macvlan`, `veth`, `vlan`, `bridge` …; undefined for hardware and loopback. */
  readonly kind: string | undefined;
  readonly macvlan: MacvlanInfo | undefined;
  readonly vlan: VlanInfo | undefined;
  /** Index of the link below (a macvlan's or VLAN's parent, a veth's peer), in `parentNetnsId`'s namespace. */
  readonly parentIndex: number | undefined;
  /** The id that this namespace gives the one the parent is in; undefined when it is in this one. */
  readonly parentNetnsId: number | undefined;
  /** Index of the bridge or bond that it belongs to. */
  readonly masterIndex: number | undefined;
  readonly promiscuity: number;
  readonly alias: string | undefined;
}

export const ifInfoLength = 16;

/** `struct ifinfomsg`; `change` says which bits of `flags` are meant. */
export function encodeIfInfo(index: number, flags = 0, change = 0): Uint8Array {
  return concat([u8(0), u8(0), u16(0), u32(index), u32(flags), u32(change)]);
}

/** The link in the body of an RTM_NEWLINK. */
export function decodeLink(body: Uint8Array): Link {
  const flags = readU32(body, 8);
  const attributes = Attributes.decode(body, ifInfoLength);
  const info = attributes.nested(linkTypes.LINKINFO);
  const kind = info?.text(infoTypes.KIND);
  const data = info?.nested(infoTypes.DATA);
  const mac = attributes.octets(linkTypes.ADDRESS);
  return {
    index: readI32(body, 4),
    name: attributes.text(linkTypes.IFNAME) ?? '',
    up: (flags & linkFlags.up) !== 0,
    carrier: (flags & linkFlags['lower-up']) !== 0,
    carrierChanges: attributes.u32(linkTypes.CARRIER_CHANGES) ?? 0,
    flags: namesOfBits(linkFlags, flags),
    mtu: attributes.u32(linkTypes.MTU) ?? 0,
    mac: mac?.length === 6 ? Mac.fromBytes(mac) : undefined,
    operstate: nameOf(operstates, attributes.u8(linkTypes.OPERSTATE) ?? 0) ?? 'unknown',
    kind,
    macvlan: kind === 'macvlan' && data ? decodeMacvlan(data) : undefined,
    vlan: kind === 'vlan' && data ? decodeVlan(data) : undefined,
    parentIndex: attributes.u32(linkTypes.LINK),
    parentNetnsId: attributes.i32(linkTypes.LINK_NETNSID),
    masterIndex: attributes.u32(linkTypes.MASTER),
    promiscuity: attributes.u32(linkTypes.PROMISCUITY) ?? 0,
    alias: attributes.text(linkTypes.IFALIAS),
  };
}
