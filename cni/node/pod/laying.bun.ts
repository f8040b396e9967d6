import type { Mac } from '../../../core/address/mac.ts';
import type { Link } from '../../../netlink/message/link.ts';
import type { Neighbour } from '../../../netlink/message/neighbour.ts';
import type { PlannedRoute, PodEnd } from '../plan.ts';
import type { KernelPod } from './pod.bun.ts';

/** What an interface of the pod lacks of its neighbours and routes, each in a sentence. */
export function layingFaults(pod: KernelPod, link: Link, plan: PodEnd): string[] {
  return [...routeFaults(pod, link, plan), ...neighbourFaults(pod, link, plan)];
}

function routeFaults(pod: KernelPod, link: Link, plan: PodEnd): string[] {
  const found = pod.netlink.routes.list({ link });
  const isThere = ({ destination, gateway, table }: PlannedRoute) =>
    found.some(
      (route) =>
        // Results before 1.1 have no room for it; and `sbr` later in a chain gives an interface a table of its own.
        (table === undefined || route.table === table) &&
        route.destination.toString() === destination.toString() &&
        (gateway === undefined || (route.gateway?.equals(gateway) ?? false)),
    );
  return plan.routes
    .filter((route) => !isThere(route))
    .map(
      ({ destination, gateway }) => `the route to ${destination}${gateway ? ` via ${gateway}` : ''} is gone`,
    );
}

function neighbourFaults(pod: KernelPod, link: Link, plan: PodEnd): string[] {
  if (plan.neighbours.length === 0) {
    return [];
  }
  const found = pod.netlink.neighbours.list({ link });
  return plan.neighbours
    .filter(({ ip, mac }) => !found.some((each) => each.ip.equals(ip) && isForever(each, mac)))
    .map(({ ip, mac }) => `the pod's permanent neighbour ${ip} with MAC ${mac} is gone`);
}

/** One that ages is asked for by ARP in the end, and the shim answers none. */
function isForever(neighbour: Neighbour, mac: Mac): boolean {
  return neighbour.state === 'permanent' && (neighbour.mac?.equals(mac) ?? false);
}
