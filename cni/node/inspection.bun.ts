import type { Mac } from '../../core/address/mac.ts';
import type { Link } from '../../netlink/message/link.ts';
import type { Neighbour } from '../../netlink/message/neighbour.ts';
import type { Netlink } from '../../netlink/netlink.bun.ts';
import type { Master } from './node.ts';
import type { Plan, PlannedRoute } from './plan.ts';
import type { KernelPod } from './pod.bun.ts';
import { Shim } from './shim.bun.ts';

/**
 * Holds a plan against the kernel, for CHECK. What is there beyond the plan is no fault: plugins later in the chain
 * add to it.
 */
export function inspect(host: Netlink, pod: KernelPod, master: Master, plan: Plan): string[] {
  const link = pod.findLink(plan.ifname);
  if (link === undefined) {
    return [`the interface ${plan.ifname} is gone`];
  }
  return [
    ...linkFaults(link, host, master, plan),
    ...addressFaults(pod, link, plan),
    ...routeFaults(pod, link, plan),
    ...neighbourFaults(pod, link, plan),
    ...hostFaults(host, master, plan),
  ];
}

function linkFaults(link: Link, host: Netlink, master: Master, plan: Plan): string[] {
  if (link.kind !== 'macvlan') {
    return [`${link.name} is of the kind ${link.kind ?? 'hardware'} and not macvlan`];
  }
  // A macvlan on a macvlan is really one on the lower device of that (drivers/net/macvlan.c).
  const isStacked = host.links.find(master.index)?.kind === 'macvlan';
  const faults = [
    link.macvlan?.mode !== plan.mode && `is in mode ${link.macvlan?.mode} and not ${plan.mode}`,
    !link.mac?.equals(plan.mac) && `has the MAC ${link.mac} and not ${plan.mac}`,
    link.mtu !== plan.mtu && `has the MTU ${link.mtu} and not ${plan.mtu}`,
    !isStacked && link.parentIndex !== master.index && `is not on ${master.name}`,
    !link.up && 'is down',
  ];
  return faults.filter((fault) => fault !== false).map((fault) => `${link.name} ${fault}`);
}

function addressFaults(pod: KernelPod, link: Link, plan: Plan): string[] {
  const found = pod.netlink.addresses.list({ link });
  return plan.ips.flatMap((ip) => {
    const address = found.find(({ prefix }) => prefix.toString() === ip.toString());
    if (address === undefined) {
      return [`${link.name} has no address ${ip}`];
    }
    return address.flags.includes('dadfailed') ? [`another host on the network uses ${ip}`] : [];
  });
}

function routeFaults(pod: KernelPod, link: Link, plan: Plan): string[] {
  const found = pod.netlink.routes.list({ link });
  const isThere = ({ destination, gateway }: PlannedRoute) =>
    found.some(
      (route) =>
        route.destination.toString() === destination.toString() &&
        (gateway === undefined || (route.gateway?.equals(gateway) ?? false)),
    );
  return plan.routes
    .filter((route) => !isThere(route))
    .map(
      ({ destination, gateway }) => `the route to ${destination}${gateway ? ` via ${gateway}` : ''} is gone`,
    );
}

function neighbourFaults(pod: KernelPod, link: Link, plan: Plan): string[] {
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

function hostFaults(host: Netlink, master: Master, plan: Plan): string[] {
  if (plan.host === undefined) {
    return [];
  }
  const shim = Shim.find(host, master);
  if (shim === undefined) {
    return [`the host's shim on ${master.name} is gone`];
  }
  return plan.host.ips.flatMap((ip) => shim.faults(ip, plan.mac));
}
