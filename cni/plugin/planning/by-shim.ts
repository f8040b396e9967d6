import { Problem } from '../../../core/problem/problem.ts';
import { hostGateways } from '../../node/access/shim-identity.ts';
import type { Master } from '../../node/node.ts';
import type { Plan } from '../../node/plan.ts';
import type { Config } from '../config.ts';
import { divide } from './by-host.ts';
import { waysTo } from './host-ways.ts';

/** Adds the way between pod and host by the master's shim. @throws Problem SHIM_UNUSABLE */
export function withShim(plan: Plan, { hostRoutes }: Config, master: Master): Plan {
  const { shimMac: mac } = master;
  if (mac === undefined) {
    throw new Problem(
      'SHIM_UNUSABLE',
      `${master.name} has no Ethernet address, so that it can't have a shim`,
    );
  }
  const { families, toHost, toLan } = divide(plan, hostRoutes, master);
  const ips = plan.ips.map(({ address }) => address);
  return {
    ...plan,
    neighbours: families.map((family) => ({ ip: hostGateways[family], mac })),
    routes: [...toHost, ...toLan],
    host: { by: 'shim', ways: waysTo(ips, master) },
  };
}
