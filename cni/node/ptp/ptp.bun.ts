import type { Link } from '../../../netlink/message/link.ts';
import { isErrno } from '../../../netlink/message/netlink-error.ts';
import type { Dataplane } from '../dataplane.bun.ts';
import type { Sketch } from '../plan.ts';
import { refuseTaken } from '../pod/pod.bun.ts';
import type { Site } from '../site.bun.ts';
import { hostEndMac, hostEndName } from './host-end.ts';

/** Pods behind their node: a pair of interfaces each, and the node answers for them on the LAN. */
export class PtpPlane implements Dataplane {
  readonly isOnLan = false;

  /** The kernel looks for the pod's name in the pod only, because that end is the peer of the one on the host. */
  make({ host, pod }: Site, { ifname, mtu }: Sketch): Link {
    const peer = { name: ifname, mtu, netns: pod.netns };
    try {
      host.links.create({ kind: 'veth', name: hostEndName(), mac: hostEndMac, mtu, peer });
    } catch (error) {
      if (isErrno(error, 'EEXIST')) {
        refuseTaken(pod, ifname, error);
      }
      throw error;
    }
    return pod.netlink.links.get(ifname);
  }

  faults(_: Site, { kind }: Link): string[] {
    return kind === 'veth' ? [] : [`is of the kind ${kind ?? 'hardware'} and not veth`];
  }
}
