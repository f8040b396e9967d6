import type { Ip } from '../../core/address/ip.ts';
import type { Mac } from '../../core/address/mac.ts';
import { Prefix } from '../../core/address/prefix.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { Link } from '../../netlink/message/link.ts';
import { isErrno } from '../../netlink/message/netlink-error.ts';
import type { Netlink } from '../../netlink/netlink.bun.ts';
import type { Master } from './node.ts';
import { routeProtocol, shimMac, shimName } from './shim-identity.ts';
import { writeSysctl, writeSysctlWherePresent } from './sysctl.ts';

/**
 * The host's own interface towards the pods of one master: the kernel lets a macvlan's parent and its children not
 * speak to each other, siblings do. It has no address, and so hides from the LAN: a shim with the node's address,
 * or one that merely asks by ARP with it, would teach the LAN a second MAC for the node.
 */
export class Shim {
  readonly index: number;
  readonly #host: Netlink;

  private constructor(host: Netlink, index: number) {
    this.#host = host;
    this.index = index;
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
   * The shim of a master, made where it is missing. Any number of processes may do this at once: each step may be
   * done twice, and being up is the sign that all others are done.
   *
   * @throws Problem SHIM_UNUSABLE, KERNEL_REFUSED; NetlinkError
   */
  static ensure(host: Netlink, master: Master): Shim {
    const name = shimName(master.index);
    const link = host.links.find(name) ?? make(host, master);
    if (link.macvlan?.mode !== 'bridge') {
      throw new Problem('SHIM_UNUSABLE', `${name} is not the macvlan in mode bridge that it must be`);
    }
    if (!link.up) {
      silence(name);
    }
    // What a pod sends is dropped where it is longer than the shim's MTU, so that it follows the master's.
    if (!link.up || link.mtu !== master.mtu) {
      host.links.change(link, { up: true, mtu: master.mtu });
    }
    return new Shim(host, link.index);
  }

  /** Leads the host to a pod: a route with the node's address as source, and its MAC for ever. */
  addPod(ip: Ip, mac: Mac, source: Ip | undefined): void {
    this.#host.neighbours.replace({ link: this.index, ip, mac });
    this.#host.routes.replace({ destination: alone(ip), link: this.index, source, protocol: routeProtocol });
  }

  /** Undoes `addPod`; what is gone already is no error. */
  removePod(ip: Ip): void {
    unlessGone(() =>
      this.#host.routes.delete({ destination: alone(ip), link: this.index, protocol: routeProtocol }),
    );
    unlessGone(() => this.#host.neighbours.delete({ link: this.index, ip }));
  }

  /** What the host's way to a pod lacks. */
  faults(ip: Ip, mac: Mac): string[] {
    const routes = this.#host.routes.list({ family: ip.family, link: this.index });
    const entry = this.#host.neighbours
      .list({ link: this.index, family: ip.family })
      .find((each) => each.ip.equals(ip));
    return [
      ...(routes.some((route) => route.destination.toString() === alone(ip).toString())
        ? []
        : [`the host has no route to ${ip} by its shim`]),
      ...(entry?.mac?.equals(mac) && entry.state === 'permanent'
        ? []
        : [`the host's shim has no permanent neighbour ${ip} with MAC ${mac}`]),
    ];
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

/** Before it goes up: no IPv6 at all, no answer to any ARP (`arp_ignore` 8), no router's advertisement. */
function silence(name: string): void {
  writeSysctl({ key: `net/ipv4/conf/${name}/arp_ignore`, value: '8' });
  for (const [parameter, value] of [
    ['disable_ipv6', '1'],
    ['accept_ra', '0'],
    ['autoconf', '0'],
  ] as const) {
    writeSysctlWherePresent({ key: `net/ipv6/conf/${name}/${parameter}`, value });
  }
}

/** The address as the narrowest of prefixes. */
function alone(ip: Ip): Prefix {
  return new Prefix(ip, ip.family === 'ipv4' ? 32 : 128);
}

function unlessGone(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isErrno(error, 'ESRCH', 'ENOENT', 'ENODEV')) {
      throw error;
    }
  }
}
