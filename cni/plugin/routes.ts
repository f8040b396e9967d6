import type { Family, Ip } from '../../core/address/ip.ts';
import { Prefix } from '../../core/address/prefix.ts';
import type { Allocation } from './ipam/ipam.ts';

/** A pod's route as the result lists it. */
export interface PodRoute {
  readonly dst: Prefix;
  /** Absent: on the link. */
  readonly gw?: Ip;
}

/**
 * The pod's routes: the subnets' own, each by the gateway of its family where it names none, and a default route
 * by the gateway unless they hold one.
 */
export function podRoutes({ ips, routes }: Pick<Allocation, 'ips' | 'routes'>): PodRoute[] {
  const gatewayOf = (family: Family) => ips.find(({ gateway }) => gateway?.family === family)?.gateway;
  const own = routes.map(({ dst, gw = gatewayOf(dst.family) }) => ({ dst, ...(gw && { gw }) }));
  const families: Family[] = ['ipv4', 'ipv6'];
  const defaults = families.flatMap((family) => {
    const gw = gatewayOf(family);
    const isThere = own.some(({ dst }) => dst.family === family && dst.bits === 0);
    return gw === undefined || isThere ? [] : [{ dst: everything(family), gw }];
  });
  return [...own, ...defaults];
}

function everything(family: Family): Prefix {
  return Prefix.parse(family === 'ipv4' ? '0.0.0.0/0' : '::/0');
}
