import type { Link } from '../../netlink/message/link.ts';
import type { Netlink } from '../../netlink/netlink.bun.ts';

/** The interface of the default route, IPv4's before IPv6's: the master where none is named. */
export function defaultDevice({ routes, links }: Pick<Netlink, 'routes' | 'links'>): Link | undefined {
  const index = (routes.findDefault('ipv4') ?? routes.findDefault('ipv6'))?.index;
  return index === undefined ? undefined : links.find(index);
}
