import type { Ip } from '../../core/address/ip.ts';
import type { Mac } from '../../core/address/mac.ts';
import type { Prefix } from '../../core/address/prefix.ts';
import type { Claim } from '../probe/claim.ts';
import type { Plan, Sketch } from './plan.ts';

/** The interface that pods share. */
export interface Master {
  readonly index: number;
  readonly name: string;
  /** Undefined on what is no Ethernet, such as a tunnel. */
  readonly mac: Mac | undefined;
  /** MAC of its shim, also of one that is yet to be made; undefined where there can't be one. */
  readonly shimMac: Mac | undefined;
  readonly mtu: number;
  /** Its addresses of global scope: the node's own on that network. */
  readonly addresses: readonly Prefix[];
}

/** A pod's interface as it is. */
export interface PodInterface {
  readonly kind: string | undefined;
  readonly up: boolean;
  readonly mtu: number;
  /** What ADD wrote beside it; undefined on one that another plugin made. */
  readonly alias: string | undefined;
  /** Addresses of global scope. */
  readonly ips: readonly Prefix[];
}

/** An interface with an alias, in whatever network namespace of the machine. */
export interface Attached {
  /** Path of the namespace, as it was found. */
  readonly netns: string;
  readonly ifname: string;
  readonly alias: string;
  /** Reports whether the link below it is this node's: one machine may hold several nodes. */
  readonly isOnThisNode: boolean;
  /** Addresses of global scope. */
  readonly ips: readonly Prefix[];
}

/** What was found on a look around. */
export interface Sighting {
  readonly attached: readonly Attached[];
  /** Where it couldn't be looked, each with the reason: there may be more. */
  readonly unseen: readonly string[];
}

/** A network namespace as others on the machine find it. */
export interface NetnsPlace {
  readonly path: string;
  /** Tells whether the path leads to the same one there. */
  readonly inode: number;
}

/** An open network namespace of a pod. */
export interface Pod {
  readonly place: NetnsPlace;
  find(ifname: string): PodInterface | undefined;
  close(): void;
}

/** The node's end of a pair of interfaces. */
export interface HostEnd {
  readonly name: string;
  readonly mac: Mac;
}

/** A pod's interface in the making. */
export interface Draft {
  /** Where the interface is one end of a pair: the other one. Other plugins of the chain look for it in the result. */
  readonly hostEnd: HostEnd | undefined;

  /**
   * Asks the network who has these addresses, before the interface has them; takes about a tenth of a second, or ends
   * with the first answer. The interface goes up for it.
   *
   * @param alias is written beside the interface
   * @returns who has an address: empty when nobody claims one. Not all claims need be found at once
   */
  probe(ips: readonly Ip[], alias: string): readonly Claim[];

  /**
   * Makes of it what the plan says, or nothing: then the interface is gone again.
   *
   * @param alias is written beside the interface
   * @throws Problem SHIM_UNUSABLE, KERNEL_REFUSED; NetlinkError
   */
  complete(plan: Plan, alias: string): void;

  /** Takes it away. */
  discard(): void;
}

/** What the plugin needs of the node it runs on; the kernel is behind it. All of it is synchronous. */
export interface Node<P extends Pod = Pod> {
  /** @param name undefined for the device of the default route */
  findMaster(name: string | undefined): Master | undefined;

  /** The sub-interface of a master for a VLAN, where there is one. */
  findVlan(master: Master, id: number): Master | undefined;

  /** The same, made where it is missing. @throws Problem VLAN_UNSUPPORTED, VLAN_UNUSABLE; NetlinkError */
  makeVlan(master: Master, id: number): Master;

  /** Takes away those sub-interfaces of a master that were made for pods and are used by none any more. */
  tidyVlans(master: Master): void;

  /** The master, or that of its VLANs which a pod's interface is on. */
  placeOf(pod: P, ifname: string, master: Master): Master;

  /** Reports whether the master is up and its cable, or what stands for one, carries. */
  hasCarrier(master: Master): boolean;

  /** @throws Problem NETNS_NOT_FOUND, NETNS_INVALID, INVALID_ENVIRONMENT for the plugin's own namespace */
  openPod(path: string, mayBeOwn: boolean): P;

  /**
   * Makes a pod's interface as far as that needs no address: bare and down, under its final name, with its sysctls.
   *
   * @throws Problem INTERFACE_EXISTS, KERNEL_REFUSED; NetlinkError; nothing is left then
   */
  draft(pod: P, master: Master, sketch: Sketch): Draft;

  /** The MTU that an interface had before a plugin later in the chain changed it on purpose, if one did. */
  mtuBeforeTuning(containerId: string, ifname: string): number | undefined;

  /** Takes a pod's interface its addresses, and leaves it as it is otherwise. */
  strip(pod: P, ifname: string): void;

  /** Takes a pod's interface away; one that is gone is no error. */
  detach(pod: P, ifname: string): void;

  /** All interfaces that may be pods', also in namespaces that the runtime has forgotten. */
  findAttached(): Sighting;

  /** Takes one of them away; one that is gone, or another by now, is no error. */
  removeAttached(attached: Attached): void;

  /**
   * Takes away the host's way to pods' addresses, where there is one, and its answering for them on the master; also
   * for pods that are gone without anybody's having told.
   */
  forget(master: Master | undefined, ips: readonly Ip[]): void;

  /** Those of the addresses by which the host finds this very interface: a pod may give itself another's. */
  ledTo(pod: P, ifname: string, ips: readonly Ip[]): readonly Ip[];

  /** What is not as planned, each in a sentence; empty when all is well. */
  inspect(pod: P, master: Master, plan: Plan): string[];
}
