import type { Mac } from '../../../core/address/mac.ts';
import type { Prefix } from '../../../core/address/prefix.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { Master } from '../../node/node.ts';
import type { Plan, PlannedRoute, Sketch } from '../../node/plan.ts';
import type { Config } from '../config.ts';
import type { PodRoute } from '../routes.ts';
import { withPtp } from './by-ptp.ts';
import { withShim } from './by-shim.ts';
import { withVeth } from './by-veth.ts';

/** What is fixed about a pod once it has addresses. */
export interface PodFacts {
  readonly ifname: string;
  readonly mac: Mac;
  readonly mtu: number;
  readonly ips: readonly Prefix[];
  readonly routes: readonly PodRoute[];
}

/** The MTU that a pod shall have; @throws Problem MTU_TOO_LARGE, where the kernel would say EINVAL and no more */
export function mtuOf(config: Config, master: Master): number {
  const mtu = config.mtu ?? master.mtu;
  if (mtu > master.mtu) {
    throw new Problem('MTU_TOO_LARGE', `mtu is ${mtu}, and ${master.name} has an MTU of ${master.mtu} only`);
  }
  return mtu;
}

/** What is certain about the pod's interface before it has an address. */
export function sketchOf(
  config: Config,
  { ifname, mtu, mac }: Pick<PodFacts, 'ifname' | 'mtu'> & { readonly mac?: Mac | undefined },
): Sketch {
  const { mode, sysctl: sysctls, hostRoutes } = config;
  if (config.dataplane === 'ptp') {
    // Replies to what the host translated come by the host anyway.
    return { ifname, dataplane: { kind: 'ptp' }, mtu, sysctls, forwards: [] };
  }
  const forwards = [...new Set(hostRoutes.map(({ family }) => family))];
  return { ifname, dataplane: { kind: 'macvlan', mode }, mtu, sysctls, forwards, ...(mac && { mac }) };
}

/** The pod's interface and its host, as they shall be. @throws Problem SHIM_UNUSABLE */
export function planOf(config: Config, master: Master, facts: PodFacts): Plan {
  const { mac, ips } = facts;
  const bare: Plan = {
    ...sketchOf(config, facts),
    mac,
    ips,
    neighbours: [],
    routes: planRoutes(facts),
  };
  if (config.dataplane === 'ptp') {
    return withPtp(bare, config, master);
  }
  switch (config.hostAccess) {
    case 'shim':
      return withShim(bare, config, master);
    case 'veth':
      return withVeth(bare, config, master);
    case 'none':
      return bare;
  }
}

function planRoutes({ ips, routes }: PodFacts): PlannedRoute[] {
  return routes.map(({ dst, gw, ...rest }) => {
    const isOutside = gw !== undefined && !ips.some((ip) => ip.contains(gw));
    return { destination: dst, ...(gw && { gateway: gw }), ...(isOutside && { onlink: true }), ...rest };
  });
}
