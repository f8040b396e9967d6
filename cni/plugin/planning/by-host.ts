import type { Family, Ip } from '../../../core/address/ip.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { hostCallers, hostGateways } from '../../node/access/shim-identity.ts';
import type { Master } from '../../node/node.ts';
import type { Plan, PlannedRoute } from '../../node/plan.ts';
import { distinct } from './routes-once.ts';

/** A macvlan pod's routes, by which of its links they lead. */
export interface Divided {
  readonly families: readonly Family[];
  /** By the gateway that is the host. */
  readonly toHost: readonly PlannedRoute[];
  /** By the LAN, as the plan had them. */
  readonly toLan: readonly PlannedRoute[];
}

/**
 * Divides a pod's routes, in the families that it has. Whatever the pod sends to one of the node's own addresses must
 * go by the host, also as a gateway, because the kernel keeps a macvlan and its parent apart.
 */
export function divide(
  plan: Pick<Plan, 'ips' | 'routes'>,
  hostRoutes: readonly Prefix[],
  { addresses }: Master,
): Divided {
  const families = [...new Set(plan.ips.map(({ family }) => family))];
  const own = addresses.map(({ address }) => address);
  const isOwn = (ip: Ip | undefined) => ip !== undefined && own.some((each) => each.equals(ip));
  const viaHost = distinct([...own.map((ip) => Prefix.alone(ip)), ...hostRoutes]);
  return {
    families,
    toHost: [
      ...families.map(toGateway),
      ...viaHost.filter(({ family }) => families.includes(family)).map(byHost),
      ...plan.routes
        .filter(({ gateway }) => isOwn(gateway))
        .map(({ onlink: _, ...route }) => ({ ...route, ...byHost(route.destination) })),
    ],
    toLan: plan.routes.filter(({ gateway }) => !isOwn(gateway)),
  };
}

/** IPv4's gateway stands for pods that call one another by the host; IPv6 needs an address for that. */
function toGateway(family: Family): PlannedRoute {
  return family === 'ipv4'
    ? { destination: Prefix.alone(hostGateways.ipv4) }
    : byHost(Prefix.alone(hostCallers.ipv6));
}

function byHost(destination: Prefix): PlannedRoute {
  return { destination, gateway: hostGateways[destination.family] };
}
