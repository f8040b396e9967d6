import type { Allocation, AttachmentKey, Pod } from '../../../schema/allocation.ts';
import type { Constraints, ReserveSubnet, WarmAddress } from '../../../schema/reserve.ts';

/** What the agent knows of itself and of its server. Times are milliseconds since 1970. */
export interface SelfRecord {
  readonly node: string;
  /** The kernel's boot: what lived in another one lives no more. */
  readonly bootId: string;
  /** Which life of the ledger the reserve is of. */
  readonly epoch?: number;
  /** The server's `time` of its last answer about the reserve, as it stood there. */
  readonly reserveAsOf?: string;
  /** The server's `time` of its last answer of any kind. */
  readonly heardAsOf?: string;
  /** When that was, by this node's clock. */
  readonly heardAt?: number;
  /** How far the server's clock is ahead of this node's. */
  readonly ahead?: number;
  /** How many nodes its zone has, as the server last said. */
  readonly nodes?: number;
  /** When the last sync was answered, by this node's clock. */
  readonly syncedAt?: number;
  /** The highest serial that a stay has had. */
  readonly serial: number;
}

/** An address that this node holds for pods to come. */
export interface WarmRecord extends Omit<WarmAddress, 'state' | 'until'> {
  readonly state: 'probing' | 'ready' | 'conflict';
  /** The server's time after which it must not be given, in milliseconds since 1970. */
  readonly until: number;
  readonly grantedAt: number;
  /** When it became ready: who has waited longest is given first. */
  readonly readyAt?: number;
  /** When nobody was seen to have it, last. */
  readonly checkedAt?: number;
  /** With `conflict`: the MAC that answered for it. */
  readonly claimedBy?: string;
}

/** Why the server doesn't take a pod's address for what it is. */
export interface Refused {
  readonly code: string;
  readonly detail: string;
  readonly at: number;
}

/** Another host that was seen to use an address of a pod. */
export interface ClaimRecord {
  readonly ip: string;
  readonly mac: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The server knows. */
  readonly isTold?: true;
}

/** An attachment's stay on this node, from its ADD until the server knows of its end. */
export interface StayRecord extends AttachmentKey {
  readonly serial: number;
  readonly pod?: Pod;
  /** When it began; of one that only a DEL told of: when that came. */
  readonly at: number;
  /** Absent where only its DEL is known. `generation` 0: the server hasn't recorded it. */
  readonly allocation?: Allocation;
  /** Only with a DEL of something unknown: the generation that the DEL named. */
  readonly generation?: number;
  /** It came out of the reserve: probed ahead, and held until it's recorded. */
  readonly isProbed: boolean;
  readonly endedAt?: number;
  /** The server has this attachment with other addresses: which the pod has, the kernel shows. */
  readonly otherwise?: Allocation;
  /** That other record isn't true: this generation of it is released before ours is recorded. */
  readonly displaces?: number;
  readonly refused?: Refused;
  /** Others were seen to use its addresses: the last of each address. */
  readonly claims?: readonly ClaimRecord[];
  /** Addresses that the server's record of it lacks, because they are somebody else's there. */
  readonly unrecorded?: readonly string[];
  /** The request that made it, for the server's log. */
  readonly requestId?: string;
}

/** One record put, or taken away (null). The state is a function of these, in order. */
export type Write =
  | { readonly kind: 'self'; readonly record: SelfRecord }
  | { readonly kind: 'subnets'; readonly record: readonly ReserveSubnet[] }
  | { readonly kind: 'constraints'; readonly record: Constraints | null }
  | { readonly kind: 'warm'; readonly name: string; readonly record: WarmRecord | null }
  | { readonly kind: 'stay'; readonly name: string; readonly record: StayRecord | null };

/** The name of an attachment: no part of a key has a slash. */
export function attachmentName({ network, containerId, ifname }: AttachmentKey): string {
  return `${network}/${containerId}/${ifname}`;
}

/** The address of an allocated one, without prefix length. */
export function bare(address: string): string {
  const at = address.indexOf('/');
  return at < 0 ? address : address.slice(0, at);
}

/** The addresses of a stay, without prefix lengths. */
export function addressesOf({ allocation }: Pick<StayRecord, 'allocation'>): string[] {
  return allocation?.ips.map(({ address }) => bare(address)) ?? [];
}

/** The addresses of a stay that the server knows of only as this node's reserve. */
export function boundBy(stay: StayRecord): readonly string[] {
  return isRecorded(stay) ? (stay.unrecorded ?? []) : addressesOf(stay);
}

/** Reports whether the server has recorded it, so that it needs no place in the reserve any more. */
export function isRecorded({ allocation }: Pick<StayRecord, 'allocation'>): boolean {
  return allocation === undefined || allocation.generation !== 0;
}
