import { Ip } from '../../core/address/ip.ts';
import { Mac } from '../../core/address/mac.ts';
import { Prefix } from '../../core/address/prefix.ts';
import { present } from '../../core/cni/present.ts';
import type { CniResult, CniRoute } from '../../core/cni/result.ts';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { AllocatedRoute, Allocation, Wish } from '../plugin/ipam/ipam.ts';

/** Another plugin keeps no count of its allocations. */
const noGeneration = 0;

/** What the network configuration says about addresses of other IPAM plugins. */
export interface Additions {
  /** First two octets of a MAC that is derived from its address. */
  readonly macPrefix: string;
  readonly vlan?: number | undefined;
}

/**
 * Another IPAM plugin's result as an allocation.
 *
 * @param plugin its name, for messages
 * @throws Problem IPAM_PLUGIN_FAILED when an address isn't one, or is not the one that was asked for
 */
export function allocationOf(
  plugin: string,
  result: CniResult,
  wish: Wish,
  { macPrefix, vlan }: Additions,
): Allocation {
  const read = () => ({
    ips: result.ips.map(({ address, gateway }) => ({
      address: Prefix.parse(address),
      ...present({ gateway: gateway ? Ip.parse(gateway) : undefined, vlan }),
    })),
    routes: result.routes.map(readRoute),
  });
  const { ips, routes } = orFail(plugin, read);
  const addresses = ips.map(({ address }) => address.address);
  const lacking = wish.addresses?.filter((wanted) => !addresses.some((ip) => ip.equals(wanted))) ?? [];
  const [first] = [...addresses.filter(({ family }) => family === 'ipv4'), ...addresses];
  if (lacking.length > 0 || first === undefined) {
    const words = `the IPAM plugin "${plugin}" gave ${addresses.join(', ')} and not ${lacking.join(', ')}`;
    throw new Problem('IPAM_PLUGIN_FAILED', words);
  }
  return {
    generation: noGeneration,
    mac: wish.mac ?? Mac.derived(macPrefix, first),
    ips,
    routes,
    routesAreAll: true,
    dns: result.dns,
  };
}

function readRoute({ dst, gw, ...rest }: CniRoute): AllocatedRoute {
  return { dst: Prefix.parseNetwork(dst), ...(gw ? { gw: Ip.parse(gw) } : {}), ...rest };
}

function orFail<T>(plugin: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const words = `the result of the IPAM plugin "${plugin}": ${reasonOf(error)}`;
    throw new Problem('IPAM_PLUGIN_FAILED', words, {}, error);
  }
}
