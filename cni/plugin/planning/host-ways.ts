import type { Ip } from '../../../core/address/ip.ts';
import type { Master } from '../../node/node.ts';
import type { HostWay } from '../../node/plan.ts';

/** The host's routes to a pod's addresses: it speaks from its address in the pod's subnet, else from any on the master. */
export function waysTo(ips: readonly Ip[], { addresses }: Master): HostWay[] {
  return ips.map((ip) => {
    const own = addresses.filter(({ family }) => family === ip.family);
    const source = (own.find((prefix) => prefix.contains(ip)) ?? own[0])?.address;
    return { ip, ...(source && { source }) };
  });
}
