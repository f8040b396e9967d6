import type { Family, Ip } from '../../../core/address/ip.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { hostCallers, hostGateways } from '../../node/access/shim-identity.ts';
import type { Master } from '../../node/node.ts';
import type { Plan, PlannedRoute } from '../../node/plan.ts';
import type { Config } from '../config.ts';
import { waysTo } from './host-ways.ts';
import { distinct } from './routes-once.ts';

/**
 * Adds the way between pod and host, in the families that the pod has. Whatever the pod sends to one of the node's own
 * addresses must go by the shim, also as a gateway, because the kernel keeps a macvlan and its parent apart.
 *
 * @throws Problem SHIM_UNUSABLE
 */
export function withShim(plan: Plan, { hostRoutes }: Config, master: Master): Plan {
  const { shimMac } = master;
  if (shimMac === undefined) {
    throw new Problem(
      'SHIM_UNUSABLE',
      `${master.name} has no Ethernet address, so that it can't have a shim`,
    );
  }
  const ips = plan.ips.map(({ address }) => address);
  const families = [...new Set(ips.map(({ family }) => family))];
  const own = master.addresses.map(({ address }) => address);
  const isOwn = (ip: Ip | undefined) => ip !== undefined && own.some((each) => each.equals(ip));
  const viaHost = distinct([...own.map((ip) => Prefix.alone(ip)), ...hostRoutes]);
  return {
    ...plan,
    neighbours: families.map((family) => ({ ip: hostGateways[family], mac: shimMac })),
    routes: [
      ...families.map(toHost),
      ...viaHost.filter(({ family }) => families.includes(family)).map(byHost),
      ...plan.routes.map(({ onlink, ...route }) =>
        isOwn(route.gateway)
          ? { ...route, ...byHost(route.destination) }
          : { ...route, ...(onlink && { onlink }) },
      ),
    ],
    host: { by: 'shim', ways: waysTo(ips, master) },
  };
}

/** IPv4's gateway stands for pods that call one another by the host; IPv6 needs an address for that. */
function toHost(family: Family): PlannedRoute {
  return family === 'ipv4'
    ? { destination: Prefix.alone(hostGateways.ipv4) }
    : byHost(Prefix.alone(hostCallers.ipv6));
}

function byHost(destination: Prefix): PlannedRoute {
  return { destination, gateway: hostGateways[destination.family] };
}
