import type { Link } from '../../netlink/message/link.ts';
import { isErrno } from '../../netlink/message/netlink-error.ts';
import type { Netlink } from '../../netlink/netlink.bun.ts';
import { findVlan } from '../node/vlan/vlan.bun.ts';
import { error, type Finding } from './finding.ts';

/**
 * Makes the VLAN's sub-interface, down, where there is none, and takes it away: only the kernel knows whether it has
 * VLANs. What else it refuses, another finding tells of.
 *
 * @param id of the configuration; the subnet's own is known only to who asks for an address
 */
export function judgeVlan({ links }: Netlink, parent: Link, id: number | undefined): Finding[] {
  if (id === undefined || findVlan(links, parent, id) !== undefined) {
    return [];
  }
  const name = `realip-v${process.pid}`;
  try {
    links.create({ kind: 'vlan', id, name, parent });
  } catch (refusal) {
    const cure = 'modprobe 8021q, and its name in /etc/modules-load.d; or a kernel with CONFIG_VLAN_8021Q.';
    return isErrno(refusal, 'EOPNOTSUPP')
      ? [error('kernel-lacks-vlan', `the kernel has no VLANs (8021q), and vlan is ${id}`, cure)]
      : [];
  }
  links.delete(links.get(name));
  return [];
}
