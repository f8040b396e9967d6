import { Problem } from '../../../core/problem/problem.ts';
import type { Links } from '../../../netlink/links.ts';
import type { Link } from '../../../netlink/message/link.ts';
import { isErrno } from '../../../netlink/message/netlink-error.ts';
import type { Netlink } from '../../../netlink/netlink.bun.ts';
import { routeProtocol, unlessGone } from '../access/pod-ways.bun.ts';
import { shimName } from '../access/shim-identity.ts';
import { writeSysctlWherePresent } from '../sysctl-file.bun.ts';
import { vlanAlias, vlanName } from './vlan-name.ts';

/** The interface that carries VLANs. */
type Trunk = Pick<Link, 'index' | 'name'>;

/** RT_SCOPE_UNIVERSE. */
const globalScope = 0;

/** The sub-interface of a VLAN, whoever made it and whatever it is called: the kernel has one of each at most. */
export function findVlan(links: Pick<Links, 'find' | 'list'>, trunk: Trunk, id: number): Link | undefined {
  const named = links.find(vlanName(trunk, id));
  const isIt = (link: Link) => isOf(trunk, link) && link.vlan?.id === id;
  return named !== undefined && isIt(named) ? named : links.list().find(isIt);
}

/** Reports whether a link is a VLAN of ours or an admin's on this interface; 802.1ad is another network. */
export function isOf(
  { index }: Pick<Trunk, 'index'>,
  { kind, vlan, parentIndex, parentNetnsId }: Link,
): boolean {
  const isHere = parentIndex === index && parentNetnsId === undefined;
  return kind === 'vlan' && vlan?.protocol === '802.1q' && isHere;
}

/**
 * The same, made where it is missing. Any number of processes may do this at once.
 *
 * @throws Problem VLAN_UNSUPPORTED, VLAN_UNUSABLE; NetlinkError
 */
export function ensureVlan(links: Omit<Links, 'delete'>, trunk: Trunk, id: number): Link {
  const found = findVlan(links, trunk, id) ?? make(links, trunk, id);
  if (found.alias === vlanAlias && !found.up) {
    raise(links, found);
  }
  return found;
}

function make(links: Omit<Links, 'delete'>, trunk: Trunk, id: number): Link {
  const name = vlanName(trunk, id);
  try {
    links.create({ kind: 'vlan', id, name, parent: trunk });
  } catch (error) {
    if (isErrno(error, 'EOPNOTSUPP')) {
      throw new Problem('VLAN_UNSUPPORTED', `the kernel makes no ${name}: it lacks 8021q`, {}, error);
    }
    if (!isErrno(error, 'EEXIST')) {
      throw error;
    }
    // Another ADD was faster, unless the name is something else's.
    const other = findVlan(links, trunk, id);
    if (other === undefined) {
      const kind = links.find(name)?.kind ?? 'hardware';
      const why = `${name} is of the kind ${kind}, and no VLAN ${id} of ${trunk.name}`;
      throw new Problem('VLAN_UNUSABLE', why, {}, error);
    }
    return other;
  }
  const made = links.get(name);
  // The node wants no address on it; nobody asked for one.
  writeSysctlWherePresent({ key: `net/ipv6/conf/${name}/accept_ra`, value: '0' });
  links.change(made, { alias: vlanAlias });
  return links.get(made.index);
}

function raise(links: Pick<Links, 'change'>, link: Link): void {
  try {
    links.change(link, { up: true });
  } catch (error) {
    // Below a master that is down it goes up together with that.
    if (!isErrno(error, 'ENETDOWN')) {
      throw error;
    }
  }
}

/**
 * Takes a sub-interface of ours away when nobody uses it. Only the kernel knows: the pods' macvlans are in other
 * namespaces. It makes a macvlan in mode passthru beside no other, so that one which can be made is the proof, and
 * keeps others away until it goes together with the sub-interface.
 */
export function dropIfUnused(host: Netlink, { index, alias, masterIndex }: Link): void {
  const shim = host.links.find(shimName(index));
  if (alias !== vlanAlias || masterIndex !== undefined || isNeeded(host, index, shim)) {
    return;
  }
  if (shim !== undefined) {
    unlessGone(() => host.links.delete(shim));
  }
  try {
    const name = `realip-u${process.pid}`;
    host.links.create({ kind: 'macvlan', mode: 'passthru', noPromiscuous: true, name, parent: index });
  } catch (error) {
    if (isErrno(error, 'EINVAL', 'EBUSY', 'ENODEV')) {
      return;
    }
    throw error;
  }
  unlessGone(() => host.links.delete(index));
}

/** By the host: for pods that it answers for or leads to, or with an address that somebody gave it. */
function isNeeded(
  { addresses, neighbours, routes }: Netlink,
  index: number,
  shim: Link | undefined,
): boolean {
  return (
    neighbours.list({ link: index, proxy: true }).length > 0 ||
    addresses.list({ link: index }).some(({ scope }) => scope === globalScope) ||
    (shim !== undefined && routes.list({ link: shim }).some(({ protocol }) => protocol === routeProtocol))
  );
}
