import type { Family, Ip } from '../../../core/address/ip.ts';
import type { Mac } from '../../../core/address/mac.ts';
import type { LiveAttachment } from '../../../schema/node-sync.ts';
import { readAlias } from '../../plugin/alias.ts';
import type { Attachment } from '../../plugin/ipam/ipam.ts';

/** The schema's limit. */
const mostAddresses = 16;

/** A pod's interface of ours, as it was when its namespace was looked into. */
export interface LivingLink {
  readonly attachment: Attachment;
  /** Absent while ADD is at work, or while the ledger hasn't recorded it yet. */
  readonly generation?: number;
  /** Its namespace: the inode, and a path that led there. */
  readonly inode: number;
  readonly netns: string;
  /** What stands beside it. */
  readonly alias: string;
  readonly kind: string | undefined;
  readonly mac: Mac | undefined;
  readonly mtu: number;
  /** Index on the node of what is below it: the master, one of its VLANs, or the host's end of a pair. */
  readonly parentIndex: number;
  /** Its lasting addresses of global scope. */
  readonly ips: readonly Ip[];
  /** The shim by which it reaches its node, and in which families; absent where it has none. */
  readonly shim?: { readonly mac: Mac; readonly families: readonly Family[] };
}

/** Whose an interface is, by what stands beside it; undefined where it is nobody's of ours. */
export function ownerOf(
  alias: string,
  ifname: string,
): Pick<LivingLink, 'attachment' | 'generation'> | undefined {
  const text = readAlias(alias);
  if (text === undefined) {
    return undefined;
  }
  const { generation, ...named } = text;
  return {
    attachment: { ...named, ifname },
    // 0 stands for one that the server hasn't told yet.
    ...(generation ? { generation } : {}),
  };
}

/** An interface as the server is told of it. */
export function asAttachment({ attachment, generation, mac, ips }: LivingLink): LiveAttachment {
  return {
    ...attachment,
    addresses: ips.slice(0, mostAddresses).map(String),
    ...(mac === undefined ? {} : { mac: mac.toString() }),
    ...(generation === undefined ? {} : { generation }),
  };
}
