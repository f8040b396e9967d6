import { concat, readU16, readU32, u16, u32 } from './octets.ts';

/** Message types: control ones of <linux/netlink.h>, the others of <linux/rtnetlink.h>. */
export const messageTypes = {
  NLMSG_NOOP: 1,
  NLMSG_ERROR: 2,
  NLMSG_DONE: 3,
  NLMSG_OVERRUN: 4,
  RTM_NEWLINK: 16,
  RTM_DELLINK: 17,
  RTM_GETLINK: 18,
  RTM_SETLINK: 19,
  RTM_NEWADDR: 20,
  RTM_DELADDR: 21,
  RTM_GETADDR: 22,
  RTM_NEWROUTE: 24,
  RTM_DELROUTE: 25,
  RTM_GETROUTE: 26,
  RTM_NEWNEIGH: 28,
  RTM_DELNEIGH: 29,
  RTM_GETNEIGH: 30,
  RTM_NEWRULE: 32,
  RTM_DELRULE: 33,
  RTM_GETRULE: 34,
  RTM_NEWNSID: 88,
  RTM_DELNSID: 89,
  RTM_GETNSID: 90,
} as const;

/** Of NETLINK_NETFILTER sockets: <linux/netfilter/nfnetlink.h>, and of <linux/netfilter/nf_tables.h> in subsystem 10. */
export const netfilterTypes = {
  BATCH_BEGIN: 0x10,
  BATCH_END: 0x11,
  NFT_NEWTABLE: 0xa00,
  NFT_DELTABLE: 0xa02,
  NFT_NEWCHAIN: 0xa03,
  NFT_NEWRULE: 0xa06,
  NFT_GETRULE: 0xa07,
} as const;

/** Flags of any message. */
export const flags = { REQUEST: 1, MULTI: 2, ACK: 4, ECHO: 8, DUMP_INTR: 0x10, DUMP_FILTERED: 0x20 } as const;
/** Flags of a request that reads. */
export const getFlags = { DUMP: 0x300 } as const;
/** Flags of a request that writes. */
export const newFlags = { REPLACE: 0x100, EXCL: 0x200, CREATE: 0x400, APPEND: 0x800 } as const;
/** Flags of an acknowledgement. */
export const ackFlags = { CAPPED: 0x100, ACK_TLVS: 0x200 } as const;

/** What a request asks for, before it gets its number. */
export interface Request {
  readonly type: number;
  /** REQUEST and ACK are added when it is sent. */
  readonly flags: number;
  readonly body: Uint8Array;
}

/** One netlink message: `struct nlmsghdr` and what follows it. */
export interface Message extends Request {
  readonly sequence: number;
  /** The netlink port of the socket it is for; 0 is the kernel. */
  readonly port: number;
}

const headerLength = 16;

/** Rounds up to the 4 octets that netlink aligns to. */
export function aligned(length: number): number {
  return (length + 3) & ~3;
}

export function encodeMessage(message: Message): Uint8Array {
  return concat([
    u32(headerLength + message.body.length),
    u16(message.type),
    u16(message.flags),
    u32(message.sequence),
    u32(message.port),
    message.body,
  ]);
}

/**
 * The messages of one datagram.
 *
 * @throws RangeError for a message that is longer than the datagram
 */
export function decodeMessages(datagram: Uint8Array): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at + headerLength <= datagram.length; ) {
    const length = readU32(datagram, at);
    if (length < headerLength || at + length > datagram.length) {
      throw new RangeError(
        `a netlink message of ${length} octets in the ${datagram.length - at} that are left`,
      );
    }
    messages.push({
      type: readU16(datagram, at + 4),
      flags: readU16(datagram, at + 6),
      sequence: readU32(datagram, at + 8),
      port: readU32(datagram, at + 12),
      body: datagram.slice(at + headerLength, at + length),
    });
    at += aligned(length);
  }
  return messages;
}
