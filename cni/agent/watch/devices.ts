import type { Mac } from '../../../core/address/mac.ts';
import type { Link } from '../../../netlink/message/link.ts';
import { shimMac } from '../../node/access/shim-identity.ts';

/** An interface by which pods are on a network. */
export interface Device {
  readonly name: string;
  readonly index: number;
  readonly mac: Mac;
  /** MACs that this node itself speaks with there: the interface's, and its shim's. */
  readonly own: readonly Mac[];
}

/** The master and its VLAN sub-interfaces: addresses of a subnet with a VLAN are claimed there. */
export function devicesOf(links: readonly Link[], master: string): Device[] {
  const base = links.find(({ name }) => name === master);
  const isOn = (link: Link) =>
    link.kind === 'vlan' && link.parentNetnsId === undefined && link.parentIndex === base?.index;
  return links.flatMap((link) => {
    const { name, index, mac } = link;
    return mac !== undefined && (link === base || isOn(link))
      ? [{ name, index, mac, own: [mac, shimMac(mac)] }]
      : [];
  });
}
