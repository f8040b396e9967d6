import type { Link } from '../../netlink/message/link.ts';
import type { Plan, Sketch } from './plan.ts';
import type { Site } from './site.bun.ts';

/**
 * One way of joining pods to the network; what is common to all (addresses, routes, going up) is `pod/`, and the way
 * between pod and host is `access/`.
 */
export interface Dataplane {
  /** Whether the pod's interface itself is on the LAN, so that it can ask there. */
  readonly isOnLan: boolean;

  /**
   * Makes the pod's interface under its final name, bare and down; its MAC is any until it is furnished.
   *
   * @throws Problem INTERFACE_EXISTS, KERNEL_REFUSED; NetlinkError; nothing is left then
   */
  make(site: Site, sketch: Sketch): Link;

  /** What the interface is otherwise than planned, each in words that follow its name: "is down". */
  faults(site: Site, link: Link, plan: Plan): string[];
}
