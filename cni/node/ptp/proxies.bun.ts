import type { Ip } from '../../../core/address/ip.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { tables } from '../../../netlink/message/route.ts';
import type { Netlink } from '../../../netlink/netlink.bun.ts';
import { routeProtocol, unlessGone } from '../access/pod-ways.bun.ts';
import { hostEndAlias } from './host-end.ts';

/**
 * The addresses that the node answers for on a master, by ARP and NDP: one entry each, never `proxy_arp`, which would
 * claim whatever the node has a route to. Ours carry the protocol of our routes.
 */
export class Proxies {
  readonly #host: Netlink;
  readonly #master: number;

  /** @param master its index */
  constructor(host: Netlink, master: number) {
    this.#host = host;
    this.#master = master;
  }

  /** After the host's route, so that an entry without one is a leftover. */
  add(ip: Ip): void {
    this.#host.neighbours.add({ link: this.#master, ip, proxy: true, protocol: routeProtocol });
  }

  /** One that is gone is no error. */
  remove(ip: Ip): void {
    unlessGone(() => this.#host.neighbours.delete({ link: this.#master, ip, proxy: true }));
  }

  has(ip: Ip): boolean {
    return this.#list().some((entry) => entry.ip.equals(ip));
  }

  /**
   * Takes away those of pods that are gone without a DEL that knew them: their routes went with their interfaces, and
   * the kernel would answer for an IPv6 address that another node has by now.
   */
  sweep(): void {
    const ours = this.#list().filter(({ protocol }) => protocol === routeProtocol);
    if (ours.length === 0) {
      return;
    }
    const led = this.#led();
    const left = ours.map(({ ip }) => ip).filter((ip) => !led.has(ip.toString()));
    left.forEach((ip) => {
      this.remove(ip);
    });
    if (left.length > 0) {
      // An ADD may have come in between: it leads the route first, and may have found the old entry still there.
      const now = this.#led();
      for (const ip of left.filter((each) => now.has(each.toString()))) {
        this.add(ip);
      }
    }
  }

  /**
   * Answers again for the pods that live: the kernel takes all entries of a master that goes down, as a restart of the
   * node's network does. The host's permanent neighbours tell who they are.
   */
  mend(): void {
    const answered = new Set(this.#list().map(({ ip }) => ip.toString()));
    const lost = this.#host.neighbours
      .list()
      .filter(({ ip, state }) => state === 'permanent' && !answered.has(ip.toString()));
    for (const index of new Set(lost.map((entry) => entry.index))) {
      const isOurs = this.#host.links.find(index)?.alias === hostEndAlias(this.#master);
      for (const { ip } of lost.filter((entry) => isOurs && entry.index === index)) {
        const route = { destination: Prefix.alone(ip), link: index, protocol: routeProtocol };
        // Unless its pod went in between.
        unlessGone(() => this.#host.routes.replace(route));
        this.add(ip);
      }
    }
  }

  #list() {
    return this.#host.neighbours.list({ link: this.#master, proxy: true });
  }

  /** The addresses that the host has a route of ours to. */
  #led(): Set<string> {
    const routes = this.#host.routes.list({ table: tables.main });
    return new Set(
      routes
        .filter(({ protocol, destination }) => protocol === routeProtocol && destination.hostBits === 0n)
        .map(({ destination }) => destination.address.toString()),
    );
  }
}
