import type { Netlink } from '../../netlink/netlink.bun.ts';

/** rtnetlink's RT_SCOPE_UNIVERSE: addresses that others may speak to. */
const universe = 0;
/** So many the server takes. */
const most = 1024;

/** The node's own addresses, on whatever interface: they are nobody else's. */
export function ownAddresses(host: Netlink): string[] {
  const own = host.addresses.list().filter(({ scope }) => scope === universe);
  return [...new Set(own.map(({ prefix }) => prefix.address.toString()))].slice(0, most);
}
