import type { Link } from '../../../netlink/message/link.ts';
import { isErrno } from '../../../netlink/message/netlink-error.ts';
import type { NewRoute } from '../../../netlink/message/route-request.ts';
import { within } from '../../../netlink/netns.bun.ts';
import type { Plan, PodEnd, Sketch } from '../plan.ts';
import { writeSysctl, writeSysctlWherePresent } from '../sysctl-file.bun.ts';
import type { KernelPod } from './pod.bun.ts';

/**
 * What every pod's interface starts with. No router on the LAN gives it an address or a route that the ledger
 * doesn't know; going up announces its addresses (gratuitous ARP, unsolicited neighbour advertisement).
 */
const defaults = [
  ['net/ipv6/conf/$/accept_ra', '0'],
  ['net/ipv6/conf/$/autoconf', '0'],
  ['net/ipv6/conf/$/ndisc_notify', '1'],
  ['net/ipv4/conf/$/arp_notify', '1'],
] as const;

/** Sets the parameters that the interface must have before it goes up. */
export function tune(pod: KernelPod, { ifname, sysctls }: Sketch): void {
  within(pod.netns, () => {
    for (const [key, value] of defaults) {
      writeSysctlWherePresent({ key: key.replace('$', ifname), value });
    }
    sysctls.forEach((sysctl) => {
      writeSysctl(sysctl);
    });
  });
}

/**
 * Addresses first, then up: the kernel announces on the way up only what the interface has by then. Neighbours and
 * routes come last, because a route by a link that is down is refused.
 */
export function furnish(pod: KernelPod, link: Link, plan: Plan, alias: string): void {
  const { addresses, links } = pod.netlink;
  for (const prefix of plan.ips) {
    // Uniqueness is the ledger's promise; the kernel's own detection would keep an IPv6 address unusable for a second.
    addresses.add({
      link,
      prefix,
      ...(prefix.family === 'ipv6' ? { flags: ['nodad' as const] } : { broadcast: broadcastOf(prefix) }),
    });
  }
  links.change(link, { mac: plan.mac, up: true, alias });
  lay(pod, link, plan);
}

/** The neighbours and routes of an interface of the pod. */
export function lay({ netlink }: KernelPod, link: Link, plan: PodEnd): void {
  for (const { ip, mac } of plan.neighbours) {
    netlink.neighbours.replace({ link, ip, mac });
  }
  for (const route of plan.routes) {
    layRoute(netlink.routes, link, { ...route, link });
  }
}

/** Metric that the kernel gives an IPv6 route without one (IP6_RT_PRIO_USER); IPv4's is 0. */
const usualMetric = { ipv4: 0, ipv6: 1024 } as const;

/**
 * Adds a route. Where another interface of the pod leads there already, that one stays the preferred, and this one
 * stands behind it with a metric of its own: each interface keeps its routes, whichever goes first.
 */
function layRoute(routes: KernelPod['netlink']['routes'], link: Link, route: NewRoute): void {
  try {
    routes.add(route);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) {
      throw error;
    }
    routes.replace({
      ...route,
      priority: (route.priority ?? usualMetric[route.destination.family]) + link.index,
    });
  }
}

/** RFC 919 broadcast, as `ip address add … brd +` sets it; none in /31 and /32. */
function broadcastOf(prefix: Plan['ips'][number]) {
  return prefix.hostBits < 2n ? undefined : prefix.range.last;
}
