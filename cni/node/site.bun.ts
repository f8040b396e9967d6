import type { Netlink } from '../../netlink/netlink.bun.ts';
import type { Master } from './node.ts';
import type { KernelPod } from './pod/pod.bun.ts';

/** Where a pod's interface is made: two open namespaces and the interface that pods share. */
export interface Site {
  readonly host: Netlink;
  readonly pod: KernelPod;
  readonly master: Master;
}
