import type { Ip } from '../../core/address/ip.ts';
import type { Link } from '../../netlink/message/link.ts';
import { within } from '../../netlink/netns.bun.ts';
import type { Claim } from '../probe/claim.ts';
import { type Outlet, probeBy } from '../probe/prober.bun.ts';
import { shimName } from './access/shim-identity.ts';
import { HostClaims } from './host-claims.bun.ts';
import { ownAddressFor } from './own-address.ts';
import type { Site } from './site.bun.ts';
import { readSysctlWherePresent, writeSysctl, writeSysctlWherePresent } from './sysctl-file.bun.ts';

/** IN6_ADDR_GEN_MODE_NONE of <linux/if_link.h>. */
const none = '1';

/**
 * A pod's interface that asks who has an address before it has one itself. It asks with the MAC that the kernel gave
 * it: a twin of the pod has the final one too, and a switch would lead the twin's answer back to the twin.
 */
export class Asker {
  readonly #site: Site;
  readonly #link: Link;
  /** How IPv6 makes the link-local address; read when the interface goes up. */
  #generation: string | undefined;
  #isUp = false;
  readonly #isOnLan: boolean;

  /** @param isOnLan whether the interface reaches the LAN; otherwise the master alone asks */
  constructor(site: Site, link: Link, isOnLan: boolean) {
    this.#site = site;
    this.#link = link;
    this.#isOnLan = isOnLan;
  }

  /** The first claims that are found, or none; `warn` is told when nobody could be asked. */
  ask(ips: readonly Ip[], alias: string, warn: (message: string) => void): Claim[] {
    // The master's own stack doesn't hear a macvlan's questions.
    const known = new HostClaims(this.#site.host, this.#site.master);
    const own = ips.flatMap((ip) => known.claimOn(ip) ?? []);
    if (own.length > 0) {
      return own;
    }
    const outlets = this.#isOnLan
      ? [...this.#podItself(alias), ...this.#nodeItself()]
      : [...this.#nodeItself(), ...this.#shim()];
    const [first] = outlets;
    if (first === undefined || !this.#hasCarrier(first)) {
      const { name } = this.#site.master;
      warn(`${name} has no carrier: nobody could be asked whether ${ips.join(', ')} is free`);
      return [];
    }
    return probeBy(outlets, ips);
  }

  /** A sibling of the node's other pods. */
  #podItself(alias: string): Outlet[] {
    this.#raise(alias);
    const { pod } = this.#site;
    const { index, mac } = pod.netlink.links.get(this.#link.index);
    return mac === undefined ? [] : [{ netns: pod.netns, index, mac, askersFor: () => ['nobody'] }];
  }

  #hasCarrier({ netns, index }: Outlet): boolean {
    const { host, pod } = this.#site;
    return (netns === undefined ? host : pod.netlink).links.get(index).carrier;
  }

  /** To be called once the interface has its final MAC: IPv6 makes its link-local address of that. */
  settle(): void {
    const value = this.#generation;
    if (this.#isUp && value !== undefined && value !== none) {
      within(this.#site.pod.netns, () => writeSysctl({ key: this.#generationKey, value }));
    }
  }

  /** Up, without IPv6 making an address of a MAC that is soon another one, and telling the network of it. */
  #raise(alias: string): void {
    if (this.#isUp) {
      return;
    }
    const key = this.#generationKey;
    within(this.#site.pod.netns, () => {
      this.#generation = readSysctlWherePresent(key);
      writeSysctlWherePresent({ key, value: none });
    });
    this.#site.pod.netlink.links.change(this.#link, { up: true, alias });
    this.#isUp = true;
  }

  get #generationKey(): string {
    return `net/ipv6/conf/${this.#link.name}/addr_gen_mode`;
  }

  /**
   * The master asks too, with an address of the node: the kernel of a host that answers in the place of others (proxy
   * neighbours, as of pods of the data plane ptp) ignores ARP probes.
   */
  #nodeItself(): Outlet[] {
    const { index, addresses, mac } = this.#site.master;
    // Where the pod can't, it probes as well: another node that probes at the same moment must hear of it.
    const probes = this.#isOnLan ? [] : ['nobody' as const];
    const askersFor = (ip: Ip) => {
      const own = ownAddressFor(ip, addresses);
      return own === undefined ? probes : [...probes, own];
    };
    return mac === undefined ? [] : [{ index, mac, askersFor }];
  }

  /** Where the pod is no sibling of the node's macvlan pods, the shim is: they don't hear the master. */
  #shim(): Outlet[] {
    const { host, master } = this.#site;
    const shim = host.links.find(shimName(master.index));
    if (shim?.mac === undefined || master.mac === undefined) {
      return [];
    }
    // Its MAC is known to this node alone, and to no switch.
    return [{ index: shim.index, mac: shim.mac, sender: master.mac, askersFor: () => ['nobody'] }];
  }
}
