import { decodeAcknowledgement } from '../../../netlink/message/acknowledgement.ts';
import { errno } from '../../../netlink/message/errno.ts';
import { decodeMessages, type Message, messageTypes } from '../../../netlink/message/message.ts';
import { readU32 } from '../../../netlink/message/octets.ts';

/** `gone`: the namespace has no such link any more; otherwise the errno with which the kernel refused. */
export type LinkEnd = 'gone' | number;

/** Of `struct ifinfomsg`: a bridge tells of its ports by a family of its own. */
const [familyAt, indexAt, AF_UNSPEC] = [0, 4, 0];

/**
 * What a datagram tells of the end of a link: the kernel's notice to all who listen, or its answer to who asked for the
 * deletion, which comes some fifteen milliseconds later.
 *
 * @returns undefined when it is about something else
 */
export function endOf(datagram: Uint8Array, index: number): LinkEnd | undefined {
  for (const message of decodeMessages(datagram)) {
    const end = endIn(message, index);
    if (end !== undefined) {
      return end;
    }
  }
  return undefined;
}

function endIn(message: Message, index: number): LinkEnd | undefined {
  const { type, body } = message;
  if (type === messageTypes.NLMSG_ERROR) {
    const { errno: failure } = decodeAcknowledgement(message);
    return failure === 0 || failure === errno.ENODEV ? 'gone' : failure;
  }
  const isNotice = type === messageTypes.RTM_DELLINK && body[familyAt] === AF_UNSPEC;
  return isNotice && readU32(body, indexAt) === index ? 'gone' : undefined;
}
