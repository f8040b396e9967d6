import { Ip } from '../../../core/address/ip.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { Range } from '../../../core/address/range.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { Dns, Route, Subnet } from '../../../schema/subnet.ts';

const linkLocal = Prefix.parse('fe80::/10');

/**
 * A subnet with every address in RFC 5952 form.
 *
 * @throws Problem INVALID_ADDRESS, INVALID_PREFIX or INVALID_RANGE when its parts do not fit together
 */
export function normalSubnet(spec: Subnet): Subnet {
  const prefix = Prefix.parseNetwork(spec.cidr);
  return {
    ...spec,
    cidr: prefix.toString(),
    ...(spec.gateway === undefined ? {} : { gateway: gatewayIn(prefix, spec.gateway) }),
    ...(spec.excludes === undefined
      ? {}
      : { excludes: spec.excludes.map((text) => excludeIn(prefix, text)) }),
    ...(spec.routes === undefined ? {} : { routes: spec.routes.map((route) => routeIn(prefix, route)) }),
    ...(spec.autoRange === undefined ? {} : { autoRange: autoRangeIn(prefix, spec.autoRange) }),
    ...(spec.dns === undefined ? {} : { dns: normalDns(spec.dns) }),
  };
}

/** A gateway is an address of the subnet, or a router's link-local one (IPv6). */
function gatewayIn(prefix: Prefix, text: string): string {
  const gateway = Ip.parse(text);
  const isInside = prefix.contains(gateway) && !prefix.unusable.some((each) => each.equals(gateway));
  if (!isInside && !(prefix.family === 'ipv6' && linkLocal.contains(gateway))) {
    throw new Problem('INVALID_ADDRESS', `the gateway ${gateway} is no host’s address in ${prefix}`, {
      field: 'gateway',
    });
  }
  return gateway.toString();
}

function autoRangeIn(prefix: Prefix, autoRange: { readonly size: number }) {
  if (BigInt(autoRange.size) > prefix.range.size) {
    const detail = `${prefix} has no block of ${autoRange.size} addresses`;
    throw new Problem('INVALID_RANGE', detail, { field: 'autoRange.size' });
  }
  return autoRange;
}

function excludeIn(prefix: Prefix, text: string): string {
  const range = Range.parse(text);
  if (!prefix.range.covers(range)) {
    throw new Problem('INVALID_RANGE', `the exclude ${range} is not within ${prefix}`, { field: 'excludes' });
  }
  return range.toString();
}

function routeIn(prefix: Prefix, route: Route): Route {
  const dst = Prefix.parseNetwork(route.dst);
  const gw = route.gw === undefined ? undefined : Ip.parse(route.gw);
  if (dst.family !== prefix.family || (gw !== undefined && gw.family !== prefix.family)) {
    const via = gw === undefined ? '' : ` via ${gw}`;
    throw new Problem('INVALID_PREFIX', `the route to ${dst}${via} is not of the family of ${prefix}`, {
      field: 'routes',
    });
  }
  return { dst: dst.toString(), ...(gw === undefined ? {} : { gw: gw.toString() }) };
}

function normalDns(dns: Dns): Dns {
  const { nameservers } = dns;
  if (nameservers === undefined) {
    return dns;
  }
  return { ...dns, nameservers: nameservers.map((text) => Ip.parse(text).toString()) };
}
