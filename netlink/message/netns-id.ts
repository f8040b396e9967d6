import { Attributes, encodeAttributes } from './attributes.ts';
import { messageTypes, type Request } from './message.ts';
import { concat, u32 } from './octets.ts';

/** NETNSA_* of <linux/net_namespace.h>. */
export const netnsIdTypes = { NSID: 1, PID: 2, FD: 3, TARGET_NSID: 4, CURRENT_NSID: 5 } as const;

/** `struct rtgenmsg`, padded. */
const headerLength = 4;
/** NETNSA_NSID_NOT_ASSIGNED. */
const notAssigned = -1;

/** What the namespace of the socket calls another one. It gives no id to one that has none. */
export function getNetnsId(fd: number): Request {
  const body = concat([new Uint8Array(headerLength), encodeAttributes([[netnsIdTypes.FD, u32(fd)]])]);
  return { type: messageTypes.RTM_GETNSID, flags: 0, body };
}

/** The id in the body of an RTM_NEWNSID; undefined where none was given yet. */
export function decodeNetnsId(body: Uint8Array): number | undefined {
  const id = Attributes.decode(body, headerLength).i32(netnsIdTypes.NSID);
  return id === notAssigned ? undefined : id;
}
