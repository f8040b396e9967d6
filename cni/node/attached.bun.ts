import { Problem } from '../../core/problem/problem.ts';
import { Netns } from '../../netlink/netns.bun.ts';
import { aliasedLinks } from './aliased.bun.ts';
import { lookIntoEach } from './namespaces.bun.ts';
import type { Attached, Sighting } from './node.ts';
import { KernelPod } from './pod/pod.bun.ts';

/** The interfaces with an alias in all network namespaces of the machine. */
export function findAttached(): Sighting {
  const home = Netns.own();
  try {
    const { found: attached, unseen } = lookIntoEach((pod, path) => attachedIn(pod, path, home));
    return { attached, unseen };
  } finally {
    home.close();
  }
}

function attachedIn(pod: KernelPod, path: string, home: Netns): Attached[] {
  return aliasedLinks(pod, home).map(({ link: { name: ifname, alias }, isOnThisNode, addresses }) => ({
    netns: path,
    ifname,
    alias,
    isOnThisNode,
    ips: addresses.map(({ prefix }) => prefix),
  }));
}

/** Takes such an interface away, if it is there still. */
export function removeAttached({ netns, ifname, alias }: Attached): void {
  let pod: KernelPod;
  try {
    pod = KernelPod.open(netns, true);
  } catch (error) {
    if (error instanceof Problem && error.code === 'NETNS_NOT_FOUND') {
      return;
    }
    throw error;
  }
  try {
    // A process number may be another's by now, and so its namespace.
    if (pod.find(ifname)?.alias === alias) {
      pod.detach(ifname);
    }
  } finally {
    pod.close();
  }
}
