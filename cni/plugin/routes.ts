import type { Family } from '../../core/address/ip.ts';
import { Prefix } from '../../core/address/prefix.ts';
import type { AllocatedRoute, Allocation } from './ipam/ipam.ts';

/** A pod's route as the result lists it; without `gw` it is on the link. */
export type PodRoute = AllocatedRoute;

/** RT_SCOPE_LINK: from here on inwards a route has no gateway. */
const linkScope = 253;

/**
 * The pod's routes: the subnets' own, each by the gateway of its family where it names none, and a default route
 * by the gateway unless they hold one. What another plugin lists is all.
 */
export function podRoutes({
  ips,
  routes,
  routesAreAll = false,
}: Pick<Allocation, 'ips' | 'routes' | 'routesAreAll'>): PodRoute[] {
  const gatewayOf = (family: Family) => ips.find(({ gateway }) => gateway?.family === family)?.gateway;
  const own = routes.map((route) => {
    const gw = (route.scope ?? 0) >= linkScope ? route.gw : (route.gw ?? gatewayOf(route.dst.family));
    return { ...route, ...(gw && { gw }) };
  });
  if (routesAreAll) {
    return own;
  }
  const families: Family[] = ['ipv4', 'ipv6'];
  const defaults: PodRoute[] = [];
  for (const family of families) {
    const gw = gatewayOf(family);
    const isThere = own.some(({ dst }) => dst.family === family && dst.bits === 0);
    if (gw !== undefined && !isThere) {
      defaults.push({ dst: everything(family), gw });
    }
  }
  return [...own, ...defaults];
}

function everything(family: Family): Prefix {
  return Prefix.parse(family === 'ipv4' ? '0.0.0.0/0' : '::/0');
}
