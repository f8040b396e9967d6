import type { Mac } from '../../../core/address/mac.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { Link } from '../../../netlink/message/link.ts';
import { isErrno } from '../../../netlink/message/netlink-error.ts';
import type { Netlink } from '../../../netlink/netlink.bun.ts';
import type { Master } from '../node.ts';
import { ownAddressFor } from '../own-address.ts';
import type { HostSide, Plan } from '../plan.ts';
import type { Site } from '../site.bun.ts';
import { writeSysctl, writeSysctlWherePresent } from '../sysctl-file.bun.ts';
import type { Undo } from '../undo.ts';
import type { HostAccess } from './host-access.bun.ts';
import { leadToLiving } from './living.bun.ts';
import { PodWays } from './pod-ways.bun.ts';
import { shimAlias, shimMac, shimName } from './shim-identity.ts';

/** Node and pod reach one another by the master's shim. */
export class ShimAccess implements HostAccess {
  readonly #side: HostSide;

  constructor(side: HostSide) {
    this.#side = side;
  }

  lead({ host, master }: Site, _: Link, { mac }: Plan, undo: Undo): void {
    const { ways } = Shim.ensure(host, master);
    ways.mend((ip) => ownAddressFor(ip, master.addresses));
    for (const { ip, source } of this.#side.ways) {
      undo.push(`delete the host's route to ${ip}`, () => ways.remove(ip));
      ways.add(ip, mac, source);
    }
  }

  faults({ host, master }: Site, _: Link, { mac }: Plan): string[] {
    const shim = Shim.find(host, master);
    if (shim === undefined) {
      return [`the host's shim on ${master.name} is gone`];
    }
    return this.#side.ways.flatMap(({ ip }) => shim.ways.faults(ip, mac, 'its shim'));
  }
}

/**
 * The host's own interface towards the pods of one master: the kernel lets a macvlan's parent and its children not
 * speak to each other, siblings do. It has no address, and so hides from the LAN: a shim with the node's address,
 * or one that merely asks by ARP with it, would teach the LAN a second MAC for the node.
 */
export class Shim {
  /** The host's ways to the pods of the master. */
  readonly ways: PodWays;

  private constructor(host: Netlink, index: number) {
    this.ways = new PodWays(host, index);
  }

  /**
   * The MAC of a master's shim. One that exists keeps its own when the master is given another MAC, because the pods
   * hold it for ever.
   */
  static macOf(host: Netlink, master: Link): Mac | undefined {
    return host.links.find(shimName(master.index))?.mac ?? (master.mac && shimMac(master.mac));
  }

  /** The shim of a master if there is one, whole or half made. */
  static find(host: Netlink, master: Master): Shim | undefined {
    const link = host.links.find(shimName(master.index));
    return link && new Shim(host, link.index);
  }

  /**
   * The shim of a master, made where it is missing, and brought up to date where an older version made it; the host is
   * led to the pods that live already. Any number of processes may do this at once: each step may be done twice, and
   * the alias is the sign that all others are done.
   *
   * @throws Problem SHIM_UNUSABLE, KERNEL_REFUSED; NetlinkError
   */
  static ensure(host: Netlink, master: Master): Shim {
    const name = shimName(master.index);
    const link = host.links.find(name) ?? make(host, master);
    if (link.macvlan?.mode !== 'bridge') {
      throw new Problem('SHIM_UNUSABLE', `${name} is not the macvlan in mode bridge that it must be`);
    }
    const shim = new Shim(host, link.index);
    if (!link.up || link.alias !== shimAlias) {
      silence(name);
      host.links.change(link, { up: true, multicast: false });
      if (link.mac !== undefined) {
        leadToLiving(shim.ways, link.mac, master);
      }
      host.links.change(link, { alias: shimAlias });
    }
    // What a pod sends is dropped where it is longer than the shim's MTU, so that it follows the master's.
    if (link.mtu !== master.mtu) {
      host.links.change(link, { mtu: master.mtu });
    }
    return shim;
  }
}

function make(host: Netlink, master: Master): Link {
  const name = shimName(master.index);
  const { shimMac: mac } = master;
  try {
    host.links.create({ kind: 'macvlan', mode: 'bridge', name, parent: master.index, mac });
  } catch (error) {
    // Another ADD was faster.
    if (!isErrno(error, 'EEXIST')) {
      throw error;
    }
  }
  return host.links.get(name);
}

/**
 * Before it goes up: no answer to any ARP (`arp_ignore` 8), no IPv6 address, and so no answer to a solicitation, no
 * router's advertisement. Nor does it tell the LAN of multicast groups: a host that forwards makes each of its
 * interfaces join that of all routers, and reports so, without an address too. MLD's first version leaves it without a
 * word, forwarding itself goes by `all`, and an interface without multicast never joins it again.
 */
function silence(name: string): void {
  writeSysctl({ key: `net/ipv4/conf/${name}/arp_ignore`, value: '8' });
  for (const [parameter, value] of [
    ['addr_gen_mode', '1'],
    ['accept_ra', '0'],
    ['autoconf', '0'],
    ['force_mld_version', '1'],
    ['forwarding', '0'],
    ['disable_ipv6', '0'],
  ] as const) {
    writeSysctlWherePresent({ key: `net/ipv6/conf/${name}/${parameter}`, value });
  }
}
