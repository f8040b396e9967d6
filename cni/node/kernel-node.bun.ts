import type { Ip } from '../../core/address/ip.ts';
import type { Prefix } from '../../core/address/prefix.ts';
import { reasonOf } from '../../core/problem/problem.ts';
import type { Address } from '../../netlink/message/address.ts';
import type { Link } from '../../netlink/message/link.ts';
import { isErrno } from '../../netlink/message/netlink-error.ts';
import { Netlink } from '../../netlink/netlink.bun.ts';
import { waysOf } from './access/pod-ways.bun.ts';
import { Shim } from './access/shim.bun.ts';
import { findAttached, removeAttached } from './attached.bun.ts';
import { defaultDevice } from './default-device.bun.ts';
import { KernelDraft } from './draft.bun.ts';
import { inspect } from './inspection.bun.ts';
import type { Attached, Master, Node, Sighting } from './node.ts';
import type { Plan, Sketch } from './plan.ts';
import { KernelPod } from './pod/pod.bun.ts';
import { sweepProxies } from './ptp/proxies.bun.ts';
import { mtuBeforeTuning } from './tuned.ts';
import { dropIfUnused, ensureVlan, findVlan, isOf } from './vlan/vlan.bun.ts';

const globalScope = 0;

/** Milliseconds that another call for the same pod may take; one that was stopped must not stop all others for ever. */
const patience = 10_000;

/** The node whose network namespace the process runs in. */
export class KernelNode implements Node<KernelPod> {
  readonly #warn: (message: string) => void;
  #opened: Netlink | undefined;

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  findMaster(name: string | undefined): Master | undefined {
    const link = name === undefined ? defaultDevice(this.#host) : this.#host.links.find(name);
    return link && this.#asMaster(link);
  }

  findVlan(master: Master, id: number): Master | undefined {
    const link = findVlan(this.#host.links, master, id);
    return link && this.#asMaster(link);
  }

  makeVlan(master: Master, id: number): Master {
    return this.#asMaster(ensureVlan(this.#host.links, master, id));
  }

  tidyVlans(master: Master): void {
    for (const link of this.#host.links.list().filter((each) => isOf(master, each))) {
      try {
        dropIfUnused(this.#host, link);
      } catch (error) {
        this.#warn(`could not take away the unused ${link.name}: ${reasonOf(error)}`);
      }
    }
  }

  placeOf(pod: KernelPod, ifname: string, master: Master): Master {
    const own = pod.findLink(ifname);
    const index = own?.kind === 'macvlan' ? own.parentIndex : this.#answeringFor(pod.find(ifname)?.ips ?? []);
    const link = index === undefined || index === master.index ? undefined : this.#host.links.find(index);
    return link !== undefined && isOf(master, link) ? this.#asMaster(link) : master;
  }

  /** Where this node answers for a pod behind it. */
  #answeringFor(ips: readonly Prefix[]): number | undefined {
    const answered = this.#host.neighbours.list({ proxy: true });
    return answered.find(({ ip }) => ips.some(({ address }) => address.equals(ip)))?.index;
  }

  #asMaster(link: Link): Master {
    const addresses = this.#host.addresses.list({ link }).filter(isUsable);
    const { index, mac, mtu } = link;
    const shimMac = Shim.macOf(this.#host, link);
    return { index, name: link.name, mac, shimMac, mtu, addresses: addresses.map(({ prefix }) => prefix) };
  }

  hasCarrier({ index }: Master): boolean {
    const link = this.#host.links.find(index);
    return link !== undefined && link.up && link.carrier;
  }

  openPod(path: string, mayBeOwn: boolean): KernelPod {
    const pod = KernelPod.open(path, mayBeOwn);
    // Of ADD and DEL of one pod that cross, one would free or take away what the other is just making.
    pod.netns.lock(patience);
    return pod;
  }

  draft(pod: KernelPod, master: Master, sketch: Sketch): KernelDraft {
    return KernelDraft.make({ host: this.#host, pod, master }, sketch, this.#warn);
  }

  mtuBeforeTuning(containerId: string, ifname: string): number | undefined {
    return mtuBeforeTuning(containerId, ifname);
  }

  strip(pod: KernelPod, ifname: string): void {
    const link = pod.findLink(ifname);
    if (link === undefined) {
      return;
    }
    const { addresses } = pod.netlink;
    for (const { prefix } of addresses.list({ link }).filter(({ scope }) => scope === globalScope)) {
      try {
        addresses.delete(link, prefix);
      } catch (error) {
        // The first of a subnet takes the others along.
        if (!isErrno(error, 'EADDRNOTAVAIL', 'ENODEV')) {
          throw error;
        }
      }
    }
  }

  detach(pod: KernelPod, ifname: string): void {
    pod.detach(ifname);
  }

  findAttached(): Sighting {
    return findAttached();
  }

  removeAttached(attached: Attached): void {
    removeAttached(attached);
  }

  forget(master: Master | undefined, ips: readonly Ip[]): void {
    const shim = master && Shim.find(this.#host, master);
    for (const ip of ips) {
      shim?.ways.remove(ip);
      waysOf(this.#host, ip)?.remove(ip);
    }
    sweepProxies(this.#host, ips);
  }

  ledTo(pod: KernelPod, ifname: string, ips: readonly Ip[]): readonly Ip[] {
    const own = pod.findLink(ifname)?.mac;
    if (own === undefined) {
      return [];
    }
    const entries = this.#host.neighbours
      .list()
      .filter(({ state, mac }) => state === 'permanent' && mac?.equals(own));
    return ips.filter((ip) => entries.some((entry) => entry.ip.equals(ip)));
  }

  inspect(pod: KernelPod, master: Master, plan: Plan): string[] {
    return inspect({ host: this.#host, pod, master }, plan);
  }

  get #host(): Netlink {
    this.#opened ??= Netlink.open();
    return this.#opened;
  }
}

/** Of global scope, and not one that IPv6 still asks the network about: no route may have it as its source yet. */
function isUsable({ scope, flags }: Address): boolean {
  return scope === globalScope && !flags.includes('tentative') && !flags.includes('dadfailed');
}
