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
   * Answers again for the pods that live: the kernel takes all entries of a master that goes down, as a restart of the
   * node's network does. The host's permanent neighbours tell who they are.
   *
   * @returns for whom
   */
  mend(): Ip[] {
    const mended: Ip[] = [];
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
        mended.push(ip);
      }
    }
    return mended;
  }

  #list() {
    return this.#host.neighbours.list({ link: this.#master, proxy: true });
  }
}

/**
 * Stops answering, on whatever master, for these addresses and for those of pods that are gone without a DEL that knew
 * them: their routes went with their interfaces, and the kernel would answer for an IPv6 address that another node has
 * by now.
 *
 * @returns the latter
 */
export function sweepProxies(host: Netlink, ips: readonly Ip[]): Ip[] {
  const ours = host.neighbours.list({ proxy: true }).filter(({ protocol }) => protocol === routeProtocol);
  if (ours.length === 0) {
    return [];
  }
  const given = new Set(ips.map(String));
  const led = ledBy(host);
  const left = ours.filter(({ ip }) => !led.has(ip.toString()));
  for (const { index, ip } of [...left, ...ours.filter((entry) => given.has(entry.ip.toString()))]) {
    new Proxies(host, index).remove(ip);
  }
  // An ADD may have come in between: it leads the route first, and may have found the old entry still there.
  const now = left.length === 0 ? led : ledBy(host);
  for (const { index, ip } of left.filter((entry) => now.has(entry.ip.toString()))) {
    new Proxies(host, index).add(ip);
  }
  return left.map(({ ip }) => ip).filter((ip) => !now.has(ip.toString()));
}

/** The addresses that the host has a route of ours to. */
function ledBy({ routes }: Netlink): Set<string> {
  const ours = routes.list({ table: tables.main }).filter(({ protocol }) => protocol === routeProtocol);
  return new Set(ours.map(({ destination }) => destination.address.toString()));
}
