import { hostGateways } from '../../node/access/shim-identity.ts';
import type { Master } from '../../node/node.ts';
import type { Plan } from '../../node/plan.ts';
import { hostEndMac } from '../../node/ptp/host-end.ts';
import type { Config } from '../config.ts';
import { divide } from './by-host.ts';
import { waysTo } from './host-ways.ts';

/**
 * Adds the way between pod and host by a pair of interfaces of their own. The pod's end has no address: it speaks from
 * those of the pod's interface.
 */
export function withVeth(plan: Plan, { hostRoutes }: Config, master: Master): Plan {
  const { families, toHost, toLan } = divide(plan, hostRoutes, master);
  const ips = plan.ips.map(({ address }) => address);
  const podEnd = {
    neighbours: families.map((family) => ({ ip: hostGateways[family], mac: hostEndMac })),
    routes: toHost.map((route) => {
      const source = ips.find(({ family }) => family === route.destination.family);
      return { ...route, ...(source && { source }) };
    }),
  };
  return { ...plan, routes: toLan, host: { by: 'veth', ways: waysTo(ips, master), podEnd } };
}
