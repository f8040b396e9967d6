import type { Address } from '../../netlink/message/address.ts';
import type { Link } from '../../netlink/message/link.ts';
import type { Netns } from '../../netlink/netns.bun.ts';
import type { KernelPod } from './pod/pod.bun.ts';

/** RT_SCOPE_UNIVERSE. */
const globalScope = 0;

/** An interface with an alias, and so perhaps a pod's of ours. */
export interface AliasedLink {
  readonly link: Link & { readonly alias: string };
  /** Reports whether the link below it is this node's: one machine may hold several nodes. */
  readonly isOnThisNode: boolean;
  /** Its addresses of global scope. */
  readonly addresses: readonly Address[];
}

/** The interfaces of a namespace that have an alias. @param home the node's own namespace */
export function aliasedLinks({ netlink, netns }: KernelPod, home: Netns): AliasedLink[] {
  const links = netlink.links.list().filter(hasAlias);
  if (links.length === 0) {
    return [];
  }
  const isOwn = links.some(({ parentNetnsId }) => parentNetnsId === undefined) && netns.isOwn();
  // Asked only now: the list of links has given the node its id.
  const homeId = netlink.netnsIds.find(home);
  const addresses = netlink.addresses.list().filter(({ scope }) => scope === globalScope);
  return links.map((link) => {
    const isBelowHere = link.parentNetnsId === undefined ? isOwn : link.parentNetnsId === homeId;
    return {
      link,
      isOnThisNode: link.parentIndex !== undefined && isBelowHere,
      addresses: addresses.filter(({ index }) => index === link.index),
    };
  });
}

function hasAlias(link: Link): link is Link & { readonly alias: string } {
  return link.alias !== undefined;
}
