import type { Ip } from '../../core/address/ip.ts';
import type { Mac } from '../../core/address/mac.ts';
import type { LiveAttachment } from '../../schema/node-sync.ts';
import type { Claim } from '../probe/claim.ts';

/** Asks the network by the master whether somebody has an address. */
export interface Prober {
  /**
   * The whole of RFC 5227 §2.1.1 (RFC 4862 §5.4 for IPv6), many addresses at once; while the master has no carrier it
   * waits. An address that is given up meanwhile (`signal`) rejects.
   *
   * @param isUrgent a pod waits for it: the shortest times that the RFC allows
   * @returns who has it; undefined when nobody does
   */
  probe(
    ip: Ip,
    how: { readonly isUrgent: boolean; readonly signal: AbortSignal },
  ): Promise<Claim | undefined>;

  /**
   * One question for each, a fifth of a second to listen: for what was fully probed once.
   *
   * @throws Problem MASTER_MISSING, MASTER_WITHOUT_CARRIER: none could be asked for
   */
  recheck(ips: readonly Ip[]): Promise<Rechecked>;
}

/** What a re-check came to. */
export interface Rechecked {
  /** Those that were asked for; a VLAN without carrier, say, leaves its own out. */
  readonly asked: readonly Ip[];
  readonly claims: readonly Claim[];
}

/** What an address that is watched is to this node. */
export type Watched = 'reserve' | 'in-use' | 'behind-node';

/** Listens on the master for claims on addresses, ever. */
export interface Watcher {
  /** From now on these and no others; `behind-node` (ptp) is answered for when it is probed. */
  watch(addresses: ReadonlyMap<string, Watched>): void;
  close(): void;
}

/** A pod's interface, as a runtime names it. */
export interface PodLink {
  /** Path of the namespace as the runtime gave it. */
  readonly netns: string;
  /** Inode of that namespace: a path may lead elsewhere by now. */
  readonly inode: number;
  readonly ifname: string;
}

/** Takes pods' interfaces away without anybody's waiting for the kernel's clearing up. */
export interface Detacher {
  /**
   * @returns when the kernel answers ENODEV for it
   * @throws Problem NETNS_NOT_FOUND where the path leads nowhere from here, or to another namespace
   */
  detach(link: PodLink): Promise<void>;
}

/** What lives on this node, as its kernel and its runtime show it. */
export interface Sight {
  readonly attachments: readonly LiveAttachment[];
  /** Whether every namespace was looked into, just now; otherwise there may be more. */
  readonly isWhole: boolean;
  /** Where it couldn't be looked, each with the reason. */
  readonly unseen: readonly string[];
}

export interface Census {
  /** @param isWhole look into every namespace, not only into those that may have changed */
  look(isWhole: boolean): Promise<Sight>;
}

/** A pod that something is told of. */
export interface ToldPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
}

/** Kubernetes Events; where no cluster is connected it does nothing. It never throws and never waits. */
export interface KubeEvents {
  warn(pod: ToldPod, reason: string, message: string): void;
}

/** Who claimed what, as the watcher tells. */
export interface Sighted {
  readonly ip: Ip;
  readonly mac: Mac;
  readonly what: Watched;
}
