import type { Family, Ip } from '../../core/address/ip.ts';
import { Mac } from '../../core/address/mac.ts';
import { Attributes, encodeAttributes, given } from './attributes.ts';
import { familyNumber, familyOf } from './families.ts';
import { type LinkReference, linkIndex } from './link-reference.ts';
import { getFlags, messageTypes, newFlags, type Request } from './message.ts';
import { type NameIn, nameOf } from './names.ts';
import { concat, readI32, readU8, readU16, u8, u16, u32 } from './octets.ts';

/** NDA_* of <linux/neighbour.h>. */
export const neighbourTypes = {
  DST: 1,
  LLADDR: 2,
  CACHEINFO: 3,
  PROBES: 4,
  IFINDEX: 8,
  PROTOCOL: 12,
} as const;

/** NUD_*. */
const neighbourStates = {
  none: 0,
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noarp: 0x40,
  permanent: 0x80,
} as const;
export type NeighbourState = NameIn<typeof neighbourStates>;

/** NTF_PROXY. */
const proxyFlag = 0x08;
const ndmLength = 12;

/** An entry of the neighbour table (ARP, NDP) to be set: a MAC, or that this host answers in its place. */
export type NewNeighbour = {
  readonly link: LinkReference;
  readonly ip: Ip;
} & (
  | {
      readonly mac: Mac;
      /** Permanent unless given. */
      readonly state?: NeighbourState | undefined;
      readonly proxy?: false | undefined;
    }
  | {
      readonly proxy: true;
      readonly mac?: undefined;
      readonly state?: undefined;
      /** RTPROT_*: who made it; the kernel keeps it since 5.3. */
      readonly protocol?: number | undefined;
    }
);

/** An entry of the neighbour table. */
export interface Neighbour {
  readonly index: number;
  readonly ip: Ip;
  readonly mac: Mac | undefined;
  /** Undefined for a state that is newer than this library. */
  readonly state: NeighbourState | undefined;
  readonly proxy: boolean;
  /** RTPROT_*, where whoever made it said so. */
  readonly protocol: number | undefined;
}

/** What tells entries apart. */
export interface NeighbourKey {
  readonly link: LinkReference;
  readonly ip: Ip;
  readonly proxy?: boolean | undefined;
}

/** `struct ndmsg`. */
function header(family: number, link: LinkReference, state: number, proxy: boolean): Uint8Array {
  return concat([
    u8(family),
    u8(0),
    u16(0),
    u32(linkIndex(link)),
    u16(state),
    u8(proxy ? proxyFlag : 0),
    u8(0),
  ]);
}

function encodeNeighbour(entry: NewNeighbour): Uint8Array {
  // A proxy entry is permanent too: newer kernels forget others when the link loses its carrier.
  const state = neighbourStates[entry.state ?? 'permanent'];
  return concat([
    header(familyNumber(entry.ip.family), entry.link, state, entry.proxy === true),
    encodeAttributes([
      [neighbourTypes.DST, entry.ip.toBytes()],
      [neighbourTypes.LLADDR, given(entry.mac, (mac) => mac.toBytes())],
      [neighbourTypes.PROTOCOL, given(entry.proxy ? entry.protocol : undefined, u8)],
    ]),
  ]);
}

/** EEXIST when there is an entry; proxy entries are added again without complaint. */
export function addNeighbour(entry: NewNeighbour): Request {
  const flags = newFlags.CREATE | newFlags.EXCL;
  return { type: messageTypes.RTM_NEWNEIGH, flags, body: encodeNeighbour(entry) };
}

/** Adds the entry, or changes the one that is there. */
export function replaceNeighbour(entry: NewNeighbour): Request {
  const flags = newFlags.CREATE | newFlags.REPLACE;
  return { type: messageTypes.RTM_NEWNEIGH, flags, body: encodeNeighbour(entry) };
}

/** ENOENT when there is none. */
export function deleteNeighbour(key: NeighbourKey): Request {
  return {
    type: messageTypes.RTM_DELNEIGH,
    flags: 0,
    body: concat([
      header(familyNumber(key.ip.family), key.link, 0, key.proxy === true),
      encodeAttributes([[neighbourTypes.DST, key.ip.toBytes()]]),
    ]),
  };
}

/** The entries of one link, or all; either those with MACs or the proxy ones, as the kernel keeps two tables. */
export function listNeighbours(
  link: LinkReference | undefined,
  family: Family | undefined,
  proxy: boolean,
): Request {
  return {
    type: messageTypes.RTM_GETNEIGH,
    flags: getFlags.DUMP,
    // The link goes into an attribute: strict checking refuses an index in the header of a dump.
    body: concat([
      header(familyNumber(family), 0, 0, proxy),
      encodeAttributes([[neighbourTypes.IFINDEX, given(link, (each) => u32(linkIndex(each)))]]),
    ]),
  };
}

/** The entry in the body of an RTM_NEWNEIGH; undefined for one that has no IP, such as a bridge's. */
export function decodeNeighbour(body: Uint8Array): Neighbour | undefined {
  const attributes = Attributes.decode(body, ndmLength);
  const isIp = familyOf(readU8(body, 0)) !== undefined;
  const ip = isIp ? attributes.ip(neighbourTypes.DST) : undefined;
  const mac = attributes.octets(neighbourTypes.LLADDR);
  return (
    ip && {
      index: readI32(body, 4),
      ip,
      mac: mac?.length === 6 ? Mac.fromBytes(mac) : undefined,
      state: nameOf(neighbourStates, readU16(body, 8)),
      proxy: (readU8(body, 10) & proxyFlag) !== 0,
      protocol: attributes.u8(neighbourTypes.PROTOCOL),
    }
  );
}
