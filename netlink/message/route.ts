import { bitsOf, type Family, Ip } from '../../core/address/ip.ts';
import { Prefix } from '../../core/address/prefix.ts';
import { Attributes } from './attributes.ts';
import { familyOf } from './families.ts';
import { type NameIn, nameOf } from './names.ts';
import { readI32, readU8, readU16, readU32 } from './octets.ts';

/** RTA_* of <linux/rtnetlink.h>. */
export const routeAttributes = {
  DST: 1,
  OIF: 4,
  GATEWAY: 5,
  PRIORITY: 6,
  PREFSRC: 7,
  METRICS: 8,
  MULTIPATH: 9,
  TABLE: 15,
  VIA: 18,
  PREF: 20,
} as const;
/** RTAX_*. */
export const metricTypes = { MTU: 2, ADVMSS: 8 } as const;
/** RTNH_F_ONLINK. */
export const onlinkFlag = 4;
export const routeLength = 12;

/** RT_SCOPE_*: how far away a destination is. */
export const scopes = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const;
/** RT_TABLE_*. */
export const tables = { default: 253, main: 254, local: 255 } as const;
/** RTPROT_*: who made a route. */
export const protocols = { redirect: 1, kernel: 2, boot: 3, static: 4, ra: 9 } as const;

/** RTN_*. */
export const routeKinds = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
} as const;
export type RouteKind = NameIn<typeof routeKinds>;

/** One of several ways of a route. */
export interface Nexthop {
  readonly index: number;
  readonly gateway: Ip | undefined;
  readonly onlink: boolean;
}

/** A route as the kernel reports it. */
export interface Route {
  /** `0.0.0.0/0` or `::/0` for a default route. */
  readonly destination: Prefix;
  readonly kind: RouteKind | undefined;
  /** May be of the other family (RFC 5549). */
  readonly gateway: Ip | undefined;
  /** Index of the link that it leaves by. */
  readonly index: number | undefined;
  /** RTA_PREFSRC: the address that this host speaks from. */
  readonly source: Ip | undefined;
  /** RT_SCOPE_*. */
  readonly scope: number;
  /** RT_TABLE_* or any other. */
  readonly table: number;
  /** RTPROT_*. */
  readonly protocol: number;
  /** The lowest wins; `metric` of `ip route`. */
  readonly priority: number;
  readonly mtu: number | undefined;
  readonly advmss: number | undefined;
  readonly onlink: boolean;
  /** The ways of a multipath route; empty for an ordinary one. */
  readonly nexthops: readonly Nexthop[];
}

/** `struct rtvia`: a family and an address of it. */
function via(attributes: Attributes): Ip | undefined {
  const value = attributes.octets(routeAttributes.VIA);
  return value && Ip.fromBytes(value.slice(2));
}

/** `struct rtnexthop` and its attributes, one after the other. */
function decodeNexthops(octets: Uint8Array): Nexthop[] {
  const nexthops: Nexthop[] = [];
  for (let at = 0; at + 8 <= octets.length; ) {
    const length = Math.max(readU16(octets, at), 8);
    const attributes = Attributes.decode(octets.subarray(at + 8, at + length));
    nexthops.push({
      index: readI32(octets, at + 4),
      gateway: attributes.ip(routeAttributes.GATEWAY) ?? via(attributes),
      onlink: (readU8(octets, at + 2) & onlinkFlag) !== 0,
    });
    at += (length + 3) & ~3;
  }
  return nexthops;
}

function unspecified(family: Family): Ip {
  return Ip.fromBytes(new Uint8Array(bitsOf(family) / 8));
}

/** The route in the body of an RTM_NEWROUTE; undefined for one of another family (multicast routing). */
export function decodeRoute(body: Uint8Array): Route | undefined {
  const family = familyOf(readU8(body, 0));
  if (family === undefined) {
    return undefined;
  }
  const attributes = Attributes.decode(body, routeLength);
  const metrics = attributes.nested(routeAttributes.METRICS);
  const nexthops = attributes.octets(routeAttributes.MULTIPATH);
  return {
    destination: new Prefix(attributes.ip(routeAttributes.DST) ?? unspecified(family), readU8(body, 1)),
    kind: nameOf(routeKinds, readU8(body, 7)),
    gateway: attributes.ip(routeAttributes.GATEWAY) ?? via(attributes),
    index: attributes.u32(routeAttributes.OIF),
    source: attributes.ip(routeAttributes.PREFSRC),
    scope: readU8(body, 6),
    table: attributes.u32(routeAttributes.TABLE) ?? readU8(body, 4),
    protocol: readU8(body, 5),
    priority: attributes.u32(routeAttributes.PRIORITY) ?? 0,
    mtu: metrics?.u32(metricTypes.MTU),
    advmss: metrics?.u32(metricTypes.ADVMSS),
    onlink: (readU32(body, 8) & onlinkFlag) !== 0,
    nexthops: nexthops ? decodeNexthops(nexthops) : [],
  };
}
