import { Ip } from '../../../core/address/ip.ts';
import type { Mac } from '../../../core/address/mac.ts';
import type { Netlink } from '../../../netlink/netlink.bun.ts';
import { PodWays, routeProtocol } from '../../node/access/pod-ways.bun.ts';
import { Shim } from '../../node/access/shim.bun.ts';
import { shimAlias, shimName } from '../../node/access/shim-identity.ts';
import type { Master } from '../../node/node.ts';
import { ownAddressFor } from '../../node/own-address.ts';
import type { LivingLink } from '../census/living-link.ts';
import { LeftoversTwice } from './leftovers-twice.ts';
import type { Notes } from './notes.ts';
import { withPodLink } from './pod-link.bun.ts';

/** All ways are read for these, hundreds of them: rounds from one time to the next while nothing seems to have changed. */
const roundsPerReading = 2;

/** The host's way to an address of a pod. */
interface Way {
  readonly ip: Ip;
  readonly mac: Mac;
  readonly link: LivingLink;
}

/** Keeps one master's shim, and the ways that lead by it, as the pods that live need them. */
export class ShimRepair {
  readonly #host: Netlink;
  readonly #notes: Notes;
  readonly #leftovers = new LeftoversTwice();
  #rounds = 0;
  #livingBefore = 0;

  constructor(host: Netlink, notes: Notes) {
    this.#host = host;
    this.#notes = notes;
  }

  /** Reports whether something can only be taken away after a whole look. */
  get isWaiting(): boolean {
    return this.#leftovers.isWaiting;
  }

  /**
   * @param links of the pods on this master
   * @param living all addresses that pods of this node have
   * @param isWhole whether those are all
   */
  mend(master: Master, links: readonly LivingLink[], living: ReadonlySet<string>, isWhole: boolean): void {
    const needed = links.flatMap(waysTo);
    const index =
      needed.length > 0 ? this.#ensure(master) : this.#host.links.find(shimName(master.index))?.index;
    if (index === undefined || !this.#isDue(living.size)) {
      return;
    }
    const ways = new PodWays(this.#host, index);
    const { routed, neighbours } = this.#waysBy(index);
    const isLed = ({ ip, mac }: Way) =>
      routed.has(ip.toString()) && neighbours.get(ip.toString()) === mac.toString();
    for (const way of needed.filter((each) => !isLed(each))) {
      // Of a pod that has just been deleted the census may tell still.
      const isThere = withPodLink(way.link, () => {
        ways.add(way.ip, way.mac, ownAddressFor(way.ip, master.addresses));
        return true;
      });
      if (isThere) {
        this.#notes.repaired(
          'host-way',
          `the host leads to ${way.ip} again: its route or neighbour was gone`,
        );
      }
    }
    const unneeded = [...new Set([...routed, ...neighbours.keys()])].filter((ip) => !living.has(ip));
    for (const ip of this.#leftovers.observe(unneeded, isWhole)) {
      ways.remove(Ip.parse(ip));
      this.#notes.repaired('leftover-way', `the host leads to ${ip} no more: no pod has it`);
    }
  }

  #isDue(living: number): boolean {
    const isDue =
      this.#rounds % roundsPerReading === 0 || living !== this.#livingBefore || this.#leftovers.isWaiting;
    this.#rounds += 1;
    this.#livingBefore = living;
    return isDue;
  }

  #ensure(master: Master): number {
    const name = shimName(master.index);
    const before = this.#host.links.find(name);
    if (before?.up && before.alias === shimAlias) {
      if (before.mtu !== master.mtu) {
        this.#host.links.change(before, { mtu: master.mtu });
      }
      return before.index;
    }
    Shim.ensure(this.#host, master);
    const state = before === undefined ? 'gone' : 'not as it must be';
    this.#notes.repaired(
      'shim',
      `the shim ${name} on ${master.name} was ${state}: it leads to the pods again`,
    );
    return this.#host.links.get(name).index;
  }

  /** The addresses with a route of ours, and the MACs of neighbours for ever. */
  #waysBy(index: number): { routed: Set<string>; neighbours: Map<string, string> } {
    const { routes, neighbours } = this.#host;
    return {
      routed: new Set(
        routes
          .list({ link: index, protocol: routeProtocol })
          .map(({ destination }) => destination.address.toString()),
      ),
      neighbours: new Map(
        neighbours
          .list({ link: index })
          .filter(({ state }) => state === 'permanent')
          .map(({ ip, mac }) => [ip.toString(), String(mac)]),
      ),
    };
  }
}

function waysTo(link: LivingLink): Way[] {
  const { mac, shim, ips } = link;
  return mac === undefined || shim === undefined
    ? []
    : ips.filter(({ family }) => shim.families.includes(family)).map((ip) => ({ ip, mac, link }));
}
