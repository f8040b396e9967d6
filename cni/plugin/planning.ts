import type { Ip } from '../../core/address/ip.ts';
import type { Mac } from '../../core/address/mac.ts';
import { Prefix } from '../../core/address/prefix.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { Master } from '../node/node.ts';
import type { Plan, PlannedRoute, Sketch } from '../node/plan.ts';
import { hostGateway } from '../node/shim-identity.ts';
import type { Config } from './config.ts';
import type { PodRoute } from './routes.ts';

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

/** What is certain about the pod's interface before it has an address. @throws Problem NOT_IN_THIS_VERSION */
export function sketchOf(config: Config, { ifname, mtu }: Pick<PodFacts, 'ifname' | 'mtu'>): Sketch {
  const { mode, sysctl: sysctls } = config;
  if (mode === 'passthru') {
    throw new Problem('NOT_IN_THIS_VERSION', 'mode "passthru" is not supported by this version');
  }
  return { ifname, mode, mtu, sysctls };
}

/** The pod's interface and its host, as they shall be. @throws Problem NOT_IN_THIS_VERSION, SHIM_UNUSABLE */
export function planOf(config: Config, master: Master, facts: PodFacts): Plan {
  const { mac, ips } = facts;
  const bare: Plan = {
    ...sketchOf(config, facts),
    mac,
    ips,
    neighbours: [],
    routes: planRoutes(facts),
  };
  return config.hostAccess === 'shim' ? withShim(bare, config, master) : bare;
}

function planRoutes({ ips, routes }: PodFacts): PlannedRoute[] {
  return routes.map(({ dst, gw }) => {
    const isOutside = gw !== undefined && !ips.some((ip) => ip.contains(gw));
    return { destination: dst, ...(gw && { gateway: gw }), ...(isOutside && { onlink: true }) };
  });
}

/**
 * Adds the way between pod and host. IPv4 only: the shim has IPv6 switched off. Whatever the pod sends to one of the
 * node's own addresses must go by the shim, also as a gateway, because the kernel keeps a macvlan and its parent
 * apart.
 */
function withShim(plan: Plan, config: Config, master: Master): Plan {
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
  const viaHost = distinct([...own.map(({ address }) => new Prefix(address, 32)), ...config.hostRoutes]);
  const isOwn = (ip: Ip | undefined) => ip !== undefined && own.some(({ address }) => address.equals(ip));
  const source = (own.find((prefix) => ips.some((ip) => prefix.contains(ip))) ?? own[0])?.address;
  return {
    ...plan,
    neighbours: [{ ip: hostGateway, mac: master.shimMac }],
    routes: [
      { destination: new Prefix(hostGateway, 32) },
      ...viaHost.map((destination) => ({ destination, gateway: hostGateway })),
      ...plan.routes.map((route) =>
        isOwn(route.gateway) ? { destination: route.destination, gateway: hostGateway } : route,
      ),
    ],
    host: { ips, ...(source && { source }) },
  };
}

/** hostRoutes may name the node's own addresses too. */
function distinct(prefixes: readonly Prefix[]): Prefix[] {
  return [...new Map(prefixes.map((prefix) => [prefix.toString(), prefix])).values()];
}
