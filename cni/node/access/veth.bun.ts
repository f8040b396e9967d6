import type { Ip } from '../../../core/address/ip.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import type { Link } from '../../../netlink/message/link.ts';
import type { Netlink } from '../../../netlink/netlink.bun.ts';
import { within } from '../../../netlink/netns.bun.ts';
import type { Master } from '../node.ts';
import type { HostSide, Plan } from '../plan.ts';
import { lay } from '../pod/furnishing.bun.ts';
import { layingFaults } from '../pod/laying.bun.ts';
import { hostEndMac } from '../ptp/host-end.ts';
import type { Site } from '../site.bun.ts';
import type { Undo } from '../undo.ts';
import type { HostAccess } from './host-access.bun.ts';
import { peerOf, quieten } from './pair-end.bun.ts';
import { PodWays, routeProtocol, unlessGone } from './pod-ways.bun.ts';
import { podEndAlias, podEndMac, podEndName, vethName } from './veth-identity.ts';

const nothing = { routes: [], neighbours: [] };

/**
 * Node and pod reach one another by a pair of interfaces beside the pod's macvlan: for the modes in which a sibling of
 * it on the host, the shim, would reach no pod.
 */
export class VethAccess implements HostAccess {
  readonly #side: HostSide;

  constructor(side: HostSide) {
    this.#side = side;
  }

  lead({ host, pod, master }: Site, link: Link, { ifname, mtu }: Plan, undo: Undo): void {
    const [name, peerName] = [vethName(), podEndName(link.index)];
    const peer = { name: peerName, mac: podEndMac, mtu, netns: pod.netns, alias: podEndAlias(ifname) };
    host.links.create({ kind: 'veth', name, mac: hostEndMac, mtu, peer });
    const end = host.links.get(name);
    // The other end goes along, and the routes with it.
    undo.push(`delete ${name}`, () => unlessGone(() => host.links.delete(end)));
    quieten(name);
    within(pod.netns, () => quieten(peerName));
    pod.netlink.links.change(pod.netlink.links.get(peerName), { up: true, alias: podEndAlias(ifname) });
    host.links.change(end, { up: true });
    mendPairs(host, master);
    const ways = new PodWays(host, end.index);
    for (const { ip, source } of this.#side.ways) {
      ways.add(ip, podEndMac, source);
    }
  }

  /** Routes that name the pod's addresses as source come after these. */
  arrive({ pod }: Site, { index }: Link): void {
    lay(pod, pod.netlink.links.get(podEndName(index)), this.#side.podEnd ?? nothing);
  }

  faults({ host, pod }: Site, { index }: Link): string[] {
    const name = podEndName(index);
    const podEnd = pod.findLink(name);
    const end = podEnd?.kind === 'veth' ? host.links.find(peerOf(podEnd)) : undefined;
    if (podEnd === undefined || end?.kind !== 'veth') {
      return [`the pair ${name} between pod and host is gone`];
    }
    const ways = new PodWays(host, end.index);
    return [
      ...(podEnd.up ? [] : [`${name} is down`]),
      ...(end.up ? [] : [`the host's end ${end.name} of ${name} is down`]),
      ...layingFaults(pod, podEnd, this.#side.podEnd ?? nothing),
      ...this.#side.ways.flatMap(({ ip }) => ways.faults(ip, podEndMac, end.name)),
    ];
  }
}

/**
 * Lays the IPv4 routes to all pods with a pair again that the kernel took together with the address that they speak
 * from, as `PodWays.mend` does for those of a shim. Pods on another master wait for an ADD on that.
 *
 * @returns to whom
 */
export function mendPairs({ neighbours, routes }: Netlink, { addresses }: Master): Ip[] {
  const mended: Ip[] = [];
  const pods = neighbours
    .list({ family: 'ipv4' })
    .filter(({ mac, state }) => state === 'permanent' && mac?.equals(podEndMac));
  if (pods.length === 0) {
    return mended;
  }
  const led = new Set(
    routes
      .list({ family: 'ipv4', protocol: routeProtocol })
      .map(({ destination, index }) => `${destination.address} ${index}`),
  );
  for (const { ip, index } of pods.filter((each) => !led.has(`${each.ip} ${each.index}`))) {
    const source = addresses.find((prefix) => prefix.contains(ip))?.address;
    if (source !== undefined) {
      const route = { destination: Prefix.alone(ip), link: index, source, protocol: routeProtocol };
      // Unless its pod went in between.
      unlessGone(() => routes.replace(route));
      mended.push(ip);
    }
  }
  return mended;
}
