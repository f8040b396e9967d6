import { attempt, lastErrno, libc } from '../../../netlink/libc.bun.ts';
import { concat, u16, u32 } from '../../../netlink/message/octets.ts';
import { SystemError } from '../../../netlink/system-error.ts';

const AF_NETLINK = 16;
const SOCK_RAW_NONBLOCK_CLOEXEC = 0x80803;
/** The group of RTM_NEWLINK and RTM_DELLINK. */
const RTMGRP_LINK = 1;

/**
 * A netlink socket of the namespace that this thread is in, which hears of the ends of its links.
 *
 * @returns its descriptor
 * @throws SystemError
 */
export function openLinkSocket(): number {
  const descriptor = attempt('open a netlink socket', () =>
    libc().socket(AF_NETLINK, SOCK_RAW_NONBLOCK_CLOEXEC, 0),
  );
  const address = concat([u16(AF_NETLINK), u16(0), u32(0), u32(RTMGRP_LINK)]);
  const kernel = concat([u16(AF_NETLINK), u16(0), u32(0), u32(0)]);
  const { bind, connect, close } = libc();
  // Connected to the kernel, so that no other process can slip in an answer.
  for (const call of [
    () => bind(descriptor, address, address.length),
    () => connect(descriptor, kernel, kernel.length),
  ]) {
    if (call() !== 0) {
      const failure = lastErrno();
      close(descriptor);
      throw new SystemError('listen for the ends of links', failure);
    }
  }
  return descriptor;
}
