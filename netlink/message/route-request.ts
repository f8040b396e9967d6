import { bitsOf, type Family, type Ip } from '../../core/address/ip.ts';
import type { Prefix } from '../../core/address/prefix.ts';
import { encodeAttributes, type Field, given, nested } from './attributes.ts';
import { familyNumber } from './families.ts';
import { type LinkReference, linkIndex } from './link-reference.ts';
import { getFlags, messageTypes, newFlags, type Request } from './message.ts';
import { concat, u8, u16, u32 } from './octets.ts';
import {
  metricTypes,
  onlinkFlag,
  protocols,
  type RouteKind,
  routeAttributes,
  routeKinds,
  scopes,
  tables,
} from './route.ts';

/** A route to be made. Numbers are those of `scopes`, `tables` and `protocols`. */
export interface NewRoute {
  /** `0.0.0.0/0` or `::/0` for a default route; host bits must be clear. */
  readonly destination: Prefix;
  readonly gateway?: Ip | undefined;
  /** The link to leave by. */
  readonly link?: LinkReference | undefined;
  /** RTA_PREFSRC: the address to speak from. */
  readonly source?: Ip | undefined;
  /** Unless given, global with a gateway, host for local routes, otherwise link, as iproute2 does. */
  readonly scope?: number | undefined;
  /** Main unless given. */
  readonly table?: number | undefined;
  /** Static unless given. */
  readonly protocol?: number | undefined;
  readonly priority?: number | undefined;
  readonly mtu?: number | undefined;
  readonly advmss?: number | undefined;
  /** Take the gateway for on-link although no route says so. */
  readonly onlink?: boolean | undefined;
  /** Unicast unless given. */
  readonly kind?: RouteKind | undefined;
}

/** Which routes are meant. */
export interface RouteFilter {
  readonly family?: Family | undefined;
  readonly table?: number | undefined;
  readonly link?: LinkReference | undefined;
  /** Who made them: one of `protocols`, or another number. */
  readonly protocol?: number | undefined;
}

/** What is left to the kernel when a field is not given. */
interface Defaults {
  readonly scope: number;
  readonly protocol: number;
  readonly kind: number;
}

/** `struct rtmsg` and attributes. */
function encodeRoute(route: NewRoute, defaults: Defaults): Uint8Array {
  const { destination, gateway, table = tables.main } = route;
  const sameFamily = gateway?.family === destination.family;
  const metrics: Field[] = [
    [metricTypes.MTU, given(route.mtu, u32)],
    [metricTypes.ADVMSS, given(route.advmss, u32)],
  ];
  return concat([
    u8(familyNumber(destination.family)),
    u8(destination.bits),
    u8(0),
    u8(0),
    u8(table < 256 ? table : 0),
    u8(route.protocol ?? defaults.protocol),
    u8(route.scope ?? defaults.scope),
    u8(route.kind === undefined ? defaults.kind : routeKinds[route.kind]),
    u32(route.onlink ? onlinkFlag : 0),
    encodeAttributes([
      [routeAttributes.DST, destination.bits === 0 ? undefined : destination.address.toBytes()],
      [routeAttributes.GATEWAY, gateway && sameFamily ? gateway.toBytes() : undefined],
      [routeAttributes.VIA, gateway && !sameFamily ? encodeVia(gateway) : undefined],
      [routeAttributes.OIF, given(route.link, (link) => u32(linkIndex(link)))],
      [routeAttributes.PREFSRC, given(route.source, (ip) => ip.toBytes())],
      [routeAttributes.PRIORITY, given(route.priority, u32)],
      [routeAttributes.TABLE, u32(table)],
      route.mtu === undefined && route.advmss === undefined
        ? [routeAttributes.METRICS, undefined]
        : nested(routeAttributes.METRICS, metrics),
    ]),
  ]);
}

/** `struct rtvia`: the gateway of a route of the other family (RFC 5549). */
function encodeVia(gateway: Ip): Uint8Array {
  return concat([u16(familyNumber(gateway.family)), gateway.toBytes()]);
}

function newRoute(route: NewRoute, flags: number): Request {
  const scope =
    route.kind === 'local' ? scopes.host : route.gateway === undefined ? scopes.link : scopes.global;
  const defaults = { scope, protocol: protocols.static, kind: routeKinds.unicast };
  return { type: messageTypes.RTM_NEWROUTE, flags, body: encodeRoute(route, defaults) };
}

/** EEXIST when there is a route with this destination, table and priority. */
export function addRoute(route: NewRoute): Request {
  return newRoute(route, newFlags.CREATE | newFlags.EXCL);
}

/** Adds the route, or puts it in the place of the one with this destination, table and priority. */
export function replaceRoute(route: NewRoute): Request {
  return newRoute(route, newFlags.CREATE | newFlags.REPLACE);
}

/** Deletes the first route that matches what is given (RT_SCOPE_NOWHERE: any scope); ESRCH when none does. */
export function deleteRoute(route: NewRoute): Request {
  const defaults = { scope: scopes.nowhere, protocol: 0, kind: 0 };
  return { type: messageTypes.RTM_DELROUTE, flags: 0, body: encodeRoute(route, defaults) };
}

/** RTM_F_FIB_MATCH: answer with the route itself, not with where it leads (since 4.13; before, the lookup's result). */
const fibMatch = 0x2000;

/** The route that the kernel would take to an address; ENETUNREACH and its like when there is none. */
export function matchRoute(ip: Ip): Request {
  return {
    type: messageTypes.RTM_GETROUTE,
    flags: 0,
    body: concat([
      u8(familyNumber(ip.family)),
      u8(bitsOf(ip.family)),
      new Uint8Array(6),
      u32(fibMatch),
      encodeAttributes([[routeAttributes.DST, ip.toBytes()]]),
    ]),
  };
}

/** All routes of the namespace, or those that a filter names (where the kernel filters: since 4.20). */
export function listRoutes({ family, table, link, protocol = 0 }: RouteFilter): Request {
  return {
    type: messageTypes.RTM_GETROUTE,
    flags: getFlags.DUMP,
    body: concat([
      u8(familyNumber(family)),
      new Uint8Array(4),
      u8(protocol),
      new Uint8Array(6),
      encodeAttributes([
        [routeAttributes.TABLE, given(table, u32)],
        [routeAttributes.OIF, given(link, (each) => u32(linkIndex(each)))],
      ]),
    ]),
  };
}
