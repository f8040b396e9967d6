import type { Ip } from '../../../core/address/ip.ts';
import type { Mac } from '../../../core/address/mac.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { isErrno } from '../../../netlink/message/netlink-error.ts';
import type { Netlink } from '../../../netlink/netlink.bun.ts';

/** RTPROT_* of the host's routes to its pods: marks them as ours in `ip route` (`proto 82`). */
export const routeProtocol = 82;

/** The host's routes and permanent neighbours towards pods, by one of its interfaces. */
export class PodWays {
  readonly #host: Netlink;
  readonly #index: number;

  /** @param index of the host's interface */
  constructor(host: Netlink, index: number) {
    this.#host = host;
    this.#index = index;
  }

  /**
   * Leads the host to a pod: its MAC for ever, and a route with the node's address as source. Never the route alone: the
   * host would ask the LAN for the MAC.
   */
  add(ip: Ip, mac: Mac, source: Ip | undefined): void {
    this.#host.neighbours.replace({ link: this.#index, ip, mac });
    this.#route(ip, source);
  }

  /** Undoes `add`; what is gone already is no error. */
  remove(ip: Ip): void {
    this.#unroute(ip);
    unlessGone(() => this.#host.neighbours.delete({ link: this.#index, ip }));
    // Whoever mended in between took the lack of a route beside a neighbour for the kernel's doing.
    this.#unroute(ip);
  }

  /**
   * Lays the IPv4 routes again that the kernel took together with the address that they speak from, as a restart of the
   * node's network does; the neighbours are there still. IPv6's routes stay, and only forget that address.
   */
  mend(sourceFor: (ip: Ip) => Ip | undefined): void {
    const filter = { link: this.#index, family: 'ipv4' } as const;
    const routes = this.#host.routes.list(filter);
    const pods = this.#pods(filter);
    if (pods.length <= routes.length) {
      return;
    }
    const led = new Set(routes.map(({ destination }) => destination.address.toString()));
    const lost = pods.filter((ip) => !led.has(ip.toString()));
    lost.forEach((ip) => {
      this.#route(ip, sourceFor(ip));
    });
    // A DEL may have come in between.
    const left = new Set(this.#pods(filter).map(String));
    for (const ip of lost) {
      if (!left.has(ip.toString())) {
        this.remove(ip);
      }
    }
  }

  #pods(filter: { readonly link: number; readonly family: 'ipv4' }): Ip[] {
    const found = this.#host.neighbours.list(filter);
    return found.filter(({ state }) => state === 'permanent').map(({ ip }) => ip);
  }

  #unroute(ip: Ip): void {
    const destination = Prefix.alone(ip);
    unlessGone(() => this.#host.routes.delete({ destination, link: this.#index, protocol: routeProtocol }));
  }

  #route(ip: Ip, source: Ip | undefined): void {
    const protocol = routeProtocol;
    this.#host.routes.replace({ destination: Prefix.alone(ip), link: this.#index, source, protocol });
  }

  /** What the way to a pod lacks. @param by the interface in words: "its shim" */
  faults(ip: Ip, mac: Mac, by: string): string[] {
    const link = this.#index;
    const routes = this.#host.routes.list({ family: ip.family, link });
    const entry = this.#host.neighbours.list({ link, family: ip.family }).find((each) => each.ip.equals(ip));
    return [
      ...(routes.some((route) => route.destination.toString() === Prefix.alone(ip).toString())
        ? []
        : [`the host has no route to ${ip} by ${by}`]),
      ...(entry?.mac?.equals(mac) && entry.state === 'permanent'
        ? []
        : [`the host has no permanent neighbour ${ip} with MAC ${mac} on ${by}`]),
    ];
  }
}

/** By which interface the host leads to a pod now, if it does. */
export function waysOf(host: Netlink, ip: Ip): PodWays | undefined {
  const route = host.routes.match(ip);
  const isOurs = route?.protocol === routeProtocol && route.destination.hostBits === 0n;
  return isOurs && route.index !== undefined ? new PodWays(host, route.index) : undefined;
}

/** Does what may find its object gone. */
export function unlessGone(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!isErrno(error, 'ESRCH', 'ENOENT', 'ENODEV')) {
      throw error;
    }
  }
}
