import type { Ip } from '../../../core/address/ip.ts';
import type { Master } from '../../node/node.ts';
import { ownAddressFor } from '../../node/own-address.ts';
import type { HostWay } from '../../node/plan.ts';

/** The host's routes to a pod's addresses. */
export function waysTo(ips: readonly Ip[], { addresses }: Master): HostWay[] {
  return ips.map((ip) => {
    const source = ownAddressFor(ip, addresses);
    return { ip, ...(source && { source }) };
  });
}
