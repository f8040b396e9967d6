import type { Ip } from '../../core/address/ip.ts';
import { isSameAttachment } from '../journal/record.ts';
import type { Attached } from '../node/node.ts';
import { type AliasText, readAlias } from './alias.ts';
import { areDifferent } from './generation.ts';
import type { Allocation, Attachment } from './ipam/ipam.ts';

/** A record of this node in the ledger, of whatever network. */
export type LedgerEntry = Attachment & Pick<Allocation, 'generation' | 'ips'>;

/** What is left of an attachment that the runtime doesn't know any more. */
export interface Leftover {
  readonly attachment: Attachment;
  readonly links: readonly Attached[];
  /** Addresses whose way from the host goes too. */
  readonly ips: readonly Ip[];
  /** The generation to release; absent where the ledger has nothing of it. */
  readonly generation?: number;
}

/** Where leftovers are looked for. */
export interface Sources {
  readonly attached: readonly Attached[];
  /** Undefined where the ledger couldn't be asked: then the kernel alone tells. */
  readonly records: readonly LedgerEntry[] | undefined;
}

/**
 * What GC shall take: of one network, all that the runtime doesn't list, found in the kernel and in the ledger. Never
 * another node's or another network's, and no host route to an address that somebody else has by now.
 *
 * @param isValid reports whether the runtime lists an attachment
 */
export function leftovers(
  network: string,
  isValid: (attachment: Attachment) => boolean,
  { attached, records }: Sources,
): Leftover[] {
  const named = attached.flatMap((link) => {
    const text = readAlias(link.alias);
    const each = text && { ...text, ifname: link.ifname, link };
    return each && (link.isOnThisNode || records?.some((record) => isRecordOf(each, record))) ? [each] : [];
  });
  const isStale = (each: Attachment) => each.network === network && !isValid(each);
  const kept = [
    ...named.filter((each) => !isStale(each)).map(({ link }) => addressesOf(link)),
    ...(records ?? []).filter((each) => !isStale(each)).map(recorded),
  ].flat();
  const stale = [...named, ...(records ?? [])].filter(isStale);
  return distinct(stale).map((attachment) => {
    const links = named.filter((each) => isSameAttachment(each, attachment));
    const record = records?.find((each) => isSameAttachment(each, attachment));
    const generation = records === undefined ? links.at(-1)?.generation : record?.generation;
    const linked = links.flatMap(({ link }) => addressesOf(link));
    const further = (record ? recorded(record) : []).filter((ip) => !isAmong(ip, linked));
    return {
      attachment,
      links: links.map(({ link }) => link),
      ips: [...linked, ...further].filter((ip) => !isAmong(ip, kept)),
      ...(generation === undefined ? {} : { generation }),
    };
  });
}

function isRecordOf(link: Attachment & AliasText, record: LedgerEntry): boolean {
  const { generation } = link;
  return (
    generation !== undefined && !areDifferent(generation, record.generation) && isSameAttachment(link, record)
  );
}

function addressesOf({ ips }: Attached): Ip[] {
  return ips.map(({ address }) => address);
}

function recorded({ ips }: LedgerEntry): Ip[] {
  return ips.map(({ address }) => address.address);
}

function isAmong(ip: Ip, others: readonly Ip[]): boolean {
  return others.some((other) => other.equals(ip));
}

function distinct(attachments: readonly Attachment[]): Attachment[] {
  const found = new Map(
    attachments.map(({ network, containerId, ifname }) => [
      `${containerId}/${ifname}`,
      { network, containerId, ifname },
    ]),
  );
  return [...found.values()];
}
