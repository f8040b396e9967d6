import type { Family, Ip } from '../../../core/address/ip.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { hostGateways } from '../../node/access/shim-identity.ts';
import type { Master } from '../../node/node.ts';
import type { Plan } from '../../node/plan.ts';
import { hostEndMac } from '../../node/ptp/host-end.ts';
import type { Config } from '../config.ts';
import type { Allocation } from '../ipam/ipam.ts';
import { distinct } from './routes-once.ts';

/**
 * An allocation as a pod behind its node sees it: whatever the ledger's gateways are on the LAN, the pod's next hop is
 * its host, which knows the way.
 */
export function throughHost(allocation: Allocation): Allocation {
  return {
    ...allocation,
    ips: allocation.ips.map((ip) => ({
      ...ip,
      ...(ip.gateway && { gateway: hostGateways[ip.address.family] }),
    })),
    routes: allocation.routes.map(({ dst }) => ({ dst, gw: hostGateways[dst.family] })),
  };
}

/**
 * Lets a plan go by the host altogether. The pod has its addresses as /32 and /128, because its subnet isn't on its
 * link; the subnet is reached by the host as all else is.
 */
export function withPtp(plan: Plan, { hostRoutes }: Config, master: Master): Plan {
  const ips = plan.ips.map(({ address }) => address);
  const families = [...new Set(ips.map(({ family }) => family))];
  const isSpoken = ({ family }: { family: Family }) => families.includes(family);
  const wide = [
    ...plan.ips.map(({ network }) => network),
    ...hostRoutes,
    ...plan.routes.map(({ destination }) => destination),
  ];
  const isCovered = (ip: Ip) => wide.some((prefix) => prefix.bits > 0 && prefix.contains(ip));
  const own = master.addresses.map(({ address }) => address).filter((ip) => !isCovered(ip));
  const viaHost = distinct([...own.map((ip) => Prefix.alone(ip)), ...wide]).filter(
    (prefix) => isSpoken(prefix) && !ips.some((ip) => prefix.hostBits === 0n && ip.equals(prefix.address)),
  );
  return {
    ...plan,
    ips: ips.map((ip) => Prefix.alone(ip)),
    neighbours: families.map((family) => ({ ip: hostGateways[family], mac: hostEndMac })),
    routes: [
      ...(families.includes('ipv4') ? [{ destination: Prefix.alone(hostGateways.ipv4) }] : []),
      ...viaHost.map((destination) => ({ destination, gateway: hostGateways[destination.family] })),
    ],
    // From whichever of its addresses: a route with a source goes with that, and the pod answers any by its host.
    host: { by: 'ptp', ways: ips.map((ip) => ({ ip })) },
  };
}
