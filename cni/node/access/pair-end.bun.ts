import type { Link } from '../../../netlink/message/link.ts';
import { writeSysctlWherePresent } from '../sysctl-file.bun.ts';

/** The kernel tells a pair's other end as its parent; by number only, which may be anything else in another namespace. */
export function peerOf({ parentIndex = -1 }: Link): number {
  return parentIndex;
}

/** Before an end of a pair goes up: it needs no address of its own, and takes no advertisement of the other end. */
export function quieten(name: string): void {
  for (const [parameter, value] of [
    ['addr_gen_mode', '1'],
    ['accept_ra', '0'],
    ['autoconf', '0'],
    // Also on a host that has IPv6 switched off: its pods may have it.
    ['disable_ipv6', '0'],
  ] as const) {
    writeSysctlWherePresent({ key: `net/ipv6/conf/${name}/${parameter}`, value });
  }
}
