import { Netlink } from '../../netlink/netlink.bun.ts';
import { removeMasquerade } from './access/masquerade.bun.ts';
import { isShim } from './access/shim-identity.ts';
import { dropIfUnused } from './vlan/vlan.bun.ts';
import { vlanAlias } from './vlan/vlan-name.ts';

/**
 * Takes away what stays on a node after its last pod: shims, VLANs that we made, the rules of services. To be called
 * when no pod of ours lives.
 *
 * @returns what went, each in words
 */
export function removeHostParts(): string[] {
  const host = Netlink.open();
  try {
    const shims = host.links.list().filter(isShim);
    for (const shim of shims) {
      host.links.delete(shim);
    }
    const vlans = host.links.list().filter(({ alias }) => alias === vlanAlias);
    for (const vlan of vlans) {
      dropIfUnused(host, vlan);
    }
    const goneVlans = vlans.filter(({ index }) => host.links.find(index) === undefined);
    return [
      ...shims.map(({ name }) => `the node's interface towards pods, ${name}`),
      ...goneVlans.map(({ name }) => `the VLAN ${name}`),
      ...(removeMasquerade() ? ["nftables' table inet realip"] : []),
    ];
  } finally {
    host.close();
  }
}
