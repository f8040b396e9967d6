import { Attributes } from './attributes.ts';
import { ackFlags, aligned, type Message, messageTypes } from './message.ts';
import { readI32, readU32 } from './octets.ts';

/** The kernel's verdict on a request. */
export interface Acknowledgement {
  /** 0 when it was done. */
  readonly errno: number;
  /** The kernel's own words; also given with success, as a warning. */
  readonly message: string | undefined;
  /** Octets from the start of the request to the attribute that was refused. */
  readonly offset: number | undefined;
}

/** NLMSGERR_ATTR_* of <linux/netlink.h>. */
const attribute = { MSG: 1, OFFS: 2 } as const;
const errorLength = 4;
const headerLength = 16;

/**
 * The verdict in an NLMSG_ERROR (an errno, the request's header, the request itself unless capped) or an
 * NLMSG_DONE (an errno alone); both may end in attributes when the socket asked for NETLINK_EXT_ACK.
 */
export function decodeAcknowledgement(answer: Message): Acknowledgement {
  const { body } = answer;
  const errno = -readI32(body, 0) | 0;
  if ((answer.flags & ackFlags.ACK_TLVS) === 0) {
    return { errno, message: undefined, offset: undefined };
  }
  const attributes = Attributes.decode(body, attributesAt(answer));
  return { errno, message: attributes.text(attribute.MSG), offset: attributes.u32(attribute.OFFS) };
}

function attributesAt({ type, flags, body }: Message): number {
  if (type === messageTypes.NLMSG_DONE) {
    return errorLength;
  }
  const capped = (flags & ackFlags.CAPPED) !== 0;
  return errorLength + (capped ? headerLength : aligned(readU32(body, errorLength)));
}
