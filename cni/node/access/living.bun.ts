import type { Ip } from '../../../core/address/ip.ts';
import type { Mac } from '../../../core/address/mac.ts';
import { lookIntoEach } from '../namespaces.bun.ts';
import type { Master } from '../node.ts';
import { ownAddressFor } from '../own-address.ts';
import type { KernelPod } from '../pod/pod.bun.ts';
import type { PodWays } from './pod-ways.bun.ts';
import { hostGateways } from './shim-identity.ts';

/**
 * Leads the host to the pods that live on a shim, after it was deleted or put down: that took all its ways along. After
 * a boot there are none.
 */
export function leadToLiving(ways: PodWays, shimMac: Mac, { addresses }: Master): void {
  for (const { ip, mac } of lookIntoEach((pod) => livingIn(pod, shimMac)).found) {
    ways.add(ip, mac, ownAddressFor(ip, addresses));
  }
}

interface Living {
  readonly ip: Ip;
  readonly mac: Mac;
}

/** The addresses that a pod has on a shim: it tells itself, by the neighbour for ever that it has in it. */
function livingIn({ netlink }: KernelPod, shimMac: Mac): Living[] {
  return netlink.links.list().flatMap((link) => {
    const { kind, mac } = link;
    if (kind !== 'macvlan' || mac === undefined) {
      return [];
    }
    const families = netlink.neighbours
      .list({ link })
      .filter((each) => each.ip.equals(hostGateways[each.ip.family]) && each.mac?.equals(shimMac))
      .map(({ ip }) => ip.family);
    return families.length === 0
      ? []
      : netlink.addresses
          .list({ link })
          .filter(({ scope, prefix }) => scope === 0 && families.includes(prefix.family))
          .map(({ prefix }) => ({ ip: prefix.address, mac }));
  });
}
