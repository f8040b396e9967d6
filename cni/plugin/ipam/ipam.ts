import type { Family, Ip } from '../../../core/address/ip.ts';
import type { Mac } from '../../../core/address/mac.ts';
import type { Prefix } from '../../../core/address/prefix.ts';
import type { CniDns } from '../../../core/cni/result.ts';
import type { Keeping } from '../../../core/keeping.ts';
import type { NetnsPlace } from '../../node/node.ts';

/** What names an attachment, in the ledger as in CNI. */
export interface Attachment {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
}

/** What is asked for; all that is absent is the ledger's choice. */
export interface Wish {
  readonly pod?: { readonly namespace: string; readonly name: string; readonly uid?: string } & Keeping;
  readonly mac?: Mac;
  readonly addresses?: readonly Ip[];
  readonly subnet?: string;
  readonly families?: readonly Family[];
}

/** An attachment's record in the ledger. */
export interface Allocation {
  /** Grows with every allocation, so that a late release frees nothing newer; 0 as long as nobody knows it. */
  readonly generation: number;
  readonly mac: Mac;
  readonly ips: readonly AllocatedIp[];
  readonly routes: readonly AllocatedRoute[];
  /** Another plugin lists all routes that it means: its gateway makes no default route. */
  readonly routesAreAll?: boolean;
  readonly dns: CniDns;
  /** The node's agent vouches for it that nobody on the network has the addresses (RFC 5227). */
  readonly isProbed?: boolean;
}

export interface AllocatedIp {
  /** The address with its subnet's length. */
  readonly address: Prefix;
  readonly gateway?: Ip;
  readonly vlan?: number;
}

/** A route of the pod; numbers are the kernel's. */
export interface AllocatedRoute {
  readonly dst: Prefix;
  readonly gw?: Ip;
  readonly mtu?: number;
  readonly advmss?: number;
  readonly priority?: number;
  readonly table?: number;
  readonly scope?: number;
}

/** Where addresses come from: the node's agent, the server itself, another plugin. */
export interface Ipam {
  /**
   * Whether the bare interface must be there before an address is asked for: the specification's IPAM plugins may rely
   * on that. `to the end` is one that speaks by it: it keeps its MAC, and the address is released before it goes.
   */
  readonly needsInterface: 'no' | 'at first' | 'to the end';

  /**
   * The attachment's addresses; asked again, the same.
   *
   * @param netns where they are going to be used
   * @returns `created` when this call made the record: only then is it the caller's to release on failure
   * @throws Problem IPAM_AWAY, IPAM_NONE_FREE, IPAM_REFUSED …
   */
  allocate(
    attachment: Attachment,
    wish: Wish,
    netns?: NetnsPlace,
  ): Promise<{ allocation: Allocation; created: boolean }>;

  /**
   * Frees the attachment's addresses; done also when there are none.
   *
   * @param generation when given and known, a record of another generation stays
   */
  release(attachment: Attachment, generation?: number): Promise<void>;

  /**
   * Tells that somebody else on the network uses an address that the attachment was given, so that it is given to
   * nobody for a while and the next `allocate` gives another.
   *
   * @param mac of whoever uses it
   * @returns whether `allocate` gives another one then; an IPAM that knows no quarantine does nothing and says false
   * @throws Problem IPAM_AWAY, IPAM_REFUSED …
   */
  reportConflict(attachment: Attachment, ip: Ip, mac: Mac): Promise<boolean>;

  /**
   * The attachment's record as it stands, if there is one.
   *
   * @param known an address that the attachment is thought to have: makes the search a short one
   */
  find(attachment: Attachment, known?: Ip): Promise<Pick<Allocation, 'generation' | 'ips'> | undefined>;

  /**
   * Whether the record is as it should be, for CHECK.
   *
   * @param ips what the attachment has
   * @throws Problem CHECK_FAILED, IPAM_AWAY; PluginError
   */
  check(attachment: Attachment, ips: readonly Prefix[]): Promise<void>;

  /** The records of this node, of all networks. */
  list(): Promise<readonly (Attachment & Pick<Allocation, 'generation' | 'ips'>)[]>;

  /** What is to be done at GC beside the release of all records that nobody needs. @throws PluginError */
  collect(): Promise<void>;

  /**
   * Reports whether an address of each family could be given now.
   *
   * @throws Problem IPAM_AWAY, IPAM_NONE_FREE, IPAM_REFUSED …
   */
  ready(wish: Pick<Wish, 'subnet' | 'families'>): Promise<void>;
}
