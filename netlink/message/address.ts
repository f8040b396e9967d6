import type { Family, Ip } from '../../core/address/ip.ts';
import { Prefix } from '../../core/address/prefix.ts';
import { Attributes, encodeAttributes, given } from './attributes.ts';
import { familyNumber } from './families.ts';
import { type LinkReference, linkIndex } from './link-reference.ts';
import { getFlags, messageTypes, newFlags, type Request } from './message.ts';
import { bitsOfNames, type NameIn, namesOfBits } from './names.ts';
import { concat, readU8, readU32, text, u8, u32 } from './octets.ts';

/** IFA_* of <linux/if_addr.h>. */
export const addressTypes = {
  ADDRESS: 1,
  LOCAL: 2,
  LABEL: 3,
  BROADCAST: 4,
  CACHEINFO: 6,
  FLAGS: 8,
  PROTO: 11,
} as const;

/** IFA_F_*; `secondary` is `temporary` for IPv6. */
const addressFlags = {
  secondary: 0x1,
  nodad: 0x2,
  optimistic: 0x4,
  dadfailed: 0x8,
  deprecated: 0x20,
  tentative: 0x40,
  permanent: 0x80,
  mngtmpaddr: 0x100,
  noprefixroute: 0x200,
} as const;
export type AddressFlag = NameIn<typeof addressFlags>;

/** An address to be given to a link. */
export interface NewAddress {
  readonly link: LinkReference;
  /** The address with its length, such as 10.9.1.7/16: the kernel makes the on-link route from it. */
  readonly prefix: Prefix;
  /** The other end, when the link has just two. */
  readonly peer?: Ip | undefined;
  readonly broadcast?: Ip | undefined;
  /** RT_SCOPE_*: global (0) unless given. */
  readonly scope?: number | undefined;
  /** `nodad` uses an IPv6 address at once, without the second of duplicate detection. */
  readonly flags?: readonly AddressFlag[] | undefined;
  readonly label?: string | undefined;
}

/** An address that a link has. */
export interface Address {
  readonly index: number;
  readonly prefix: Prefix;
  readonly peer: Ip | undefined;
  readonly broadcast: Ip | undefined;
  readonly scope: number;
  readonly flags: readonly AddressFlag[];
  readonly label: string | undefined;
}

const ifAddrLength = 8;

/** `struct ifaddrmsg` and attributes; the flags go into IFA_FLAGS, the old field has room for eight only. */
function encodeAddress(address: NewAddress): Uint8Array {
  const { prefix, peer } = address;
  return concat([
    u8(familyNumber(prefix.family)),
    u8(prefix.bits),
    u8(0),
    u8(address.scope ?? 0),
    u32(linkIndex(address.link)),
    encodeAttributes([
      [addressTypes.LOCAL, prefix.address.toBytes()],
      [addressTypes.ADDRESS, (peer ?? prefix.address).toBytes()],
      [addressTypes.BROADCAST, given(address.broadcast, (ip) => ip.toBytes())],
      [addressTypes.LABEL, given(address.label, text)],
      [addressTypes.FLAGS, given(address.flags, (names) => u32(bitsOfNames(addressFlags, names)))],
    ]),
  ]);
}

/** EEXIST when the link has the address. */
export function addAddress(address: NewAddress): Request {
  const flags = newFlags.CREATE | newFlags.EXCL;
  return { type: messageTypes.RTM_NEWADDR, flags, body: encodeAddress(address) };
}

/** Adds the address; succeeds also when the link has it, and changes its flags then if it is IPv6. */
export function replaceAddress(address: NewAddress): Request {
  const flags = newFlags.CREATE | newFlags.REPLACE;
  return { type: messageTypes.RTM_NEWADDR, flags, body: encodeAddress(address) };
}

/** EADDRNOTAVAIL when the link has it not. */
export function deleteAddress(link: LinkReference, prefix: Prefix): Request {
  return { type: messageTypes.RTM_DELADDR, flags: 0, body: encodeAddress({ link, prefix }) };
}

/** All addresses, or those of one link (which kernels without NETLINK_GET_STRICT_CHK ignore) or family. */
export function listAddresses(link: LinkReference = 0, family?: Family): Request {
  return {
    type: messageTypes.RTM_GETADDR,
    flags: getFlags.DUMP,
    body: concat([u8(familyNumber(family)), u8(0), u8(0), u8(0), u32(linkIndex(link))]),
  };
}

/** The address in the body of an RTM_NEWADDR. */
export function decodeAddress(body: Uint8Array): Address | undefined {
  const attributes = Attributes.decode(body, ifAddrLength);
  const address = attributes.ip(addressTypes.ADDRESS);
  // IPv6 sends IFA_LOCAL only with a peer, IPv4 always; IFA_ADDRESS is the peer, or the address itself.
  const local = attributes.ip(addressTypes.LOCAL) ?? address;
  if (local === undefined) {
    return undefined;
  }
  return {
    index: readU32(body, 4),
    prefix: new Prefix(local, readU8(body, 1)),
    peer: address?.equals(local) ? undefined : address,
    broadcast: attributes.ip(addressTypes.BROADCAST),
    scope: readU8(body, 3),
    flags: namesOfBits(addressFlags, attributes.u32(addressTypes.FLAGS) ?? readU8(body, 2)),
    label: attributes.text(addressTypes.LABEL),
  };
}
