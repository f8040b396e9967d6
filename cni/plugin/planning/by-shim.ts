import type { Ip } from '../../../core/address/ip.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { hostGateway } from '../../node/access/shim-identity.ts';
import type { Master } from '../../node/node.ts';
import type { Plan } from '../../node/plan.ts';
import type { Config } from '../config.ts';
import { waysTo } from './host-ways.ts';

/**
 * Adds the way between pod and host. IPv4 only: the shim has IPv6 switched off. Whatever the pod sends to one of the
 * node's own addresses must go by the shim, also as a gateway, because the kernel keeps a macvlan and its parent
 * apart.
 *
 * @throws Problem SHIM_UNUSABLE
 */
export function withShim(plan: Plan, config: Config, master: Master): Plan {
  const ips = plan.ips.map(({ address }) => address).filter(({ family }) => family === 'ipv4');
  if (ips.length === 0) {
    return plan;
  }
  if (master.shimMac === undefined) {
    throw new Problem(
      'SHIM_UNUSABLE',
      `${master.name} has no Ethernet address, so that it can't have a shim`,
    );
  }
  const own = master.addresses.filter(({ family }) => family === 'ipv4');
  const viaHost = distinct([...own.map(({ address }) => Prefix.alone(address)), ...config.hostRoutes]);
  const isOwn = (ip: Ip | undefined) => ip !== undefined && own.some(({ address }) => address.equals(ip));
  return {
    ...plan,
    neighbours: [{ ip: hostGateway, mac: master.shimMac }],
    routes: [
      { destination: Prefix.alone(hostGateway) },
      ...viaHost.map((destination) => ({ destination, gateway: hostGateway })),
      ...plan.routes.map(({ onlink, ...route }) =>
        isOwn(route.gateway) ? { ...route, gateway: hostGateway } : { ...route, ...(onlink && { onlink }) },
      ),
    ],
    host: { by: 'shim', ways: waysTo(ips, master) },
  };
}

/** hostRoutes may name the node's own addresses too. */
function distinct(prefixes: readonly Prefix[]): Prefix[] {
  return [...new Map(prefixes.map((prefix) => [prefix.toString(), prefix])).values()];
}
