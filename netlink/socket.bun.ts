import { lastErrno, libc } from './libc.bun.ts';
import { errno } from './message/errno.ts';
import { NetlinkError } from './message/netlink-error.ts';
import { concat, u16, u32 } from './message/octets.ts';
import type { Errno, Socket } from './socket.ts';

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 0x80003;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SOL_NETLINK = 270;
/**
 * NETLINK_CAP_ACK (errors do not send the request back), NETLINK_EXT_ACK (they explain themselves) and
 * NETLINK_GET_STRICT_CHK (dumps are filtered by the kernel). Linux before 4.20 lacks some; all work without.
 */
const options = [10, 11, 12];
const MSG_PEEK = 0x02;
const MSG_TRUNC = 0x20;

/** What the kernel puts into one datagram of a dump at most, unless a single message is longer. */
const usualDatagram = 32 * 1024;

/** NETLINK_* of <linux/netlink.h>: which part of the kernel a socket speaks to. */
export const protocols = { route: 0, netfilter: 12 } as const;

/** A netlink socket. It stays in the network namespace that the thread was in when it was opened. */
export class KernelSocket implements Socket {
  readonly #fd: number;
  #buffer: Uint8Array;

  private constructor(fd: number, room: number) {
    this.#fd = fd;
    this.#buffer = new Uint8Array(room);
  }

  /**
   * @param timeout milliseconds that `receive` waits
   * @param protocol one of `protocols`
   * @param room octets of the buffer at first; it grows to the longest datagram met
   * @throws NetlinkError EPROTONOSUPPORT when the kernel lacks the protocol
   */
  static open(timeout: number, protocol: number = protocols.route, room = usualDatagram): KernelSocket {
    const fd = libc().socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
    if (fd < 0) {
      throw new NetlinkError('open a netlink socket', lastErrno());
    }
    const socket = new KernelSocket(fd, room);
    socket.#connect();
    const seconds = Math.floor(timeout / 1000);
    const microseconds = (timeout % 1000) * 1000;
    socket.#set(SOL_SOCKET, SO_RCVTIMEO, concat([u32(seconds), u32(0), u32(microseconds), u32(0)]));
    for (const option of options) {
      socket.#set(SOL_NETLINK, option, u32(1));
    }
    return socket;
  }

  send(datagram: Uint8Array): Errno {
    return libc().send(this.#fd, datagram, datagram.length, 0) < 0 ? lastErrno() : 0;
  }

  receive(): Uint8Array | Errno {
    const length = this.#read(MSG_PEEK | MSG_TRUNC);
    if (length < 0) {
      return -length;
    }
    if (length > this.#buffer.length) {
      this.#buffer = new Uint8Array(length);
    }
    const taken = this.#read(0);
    return taken < 0 ? -taken : this.#buffer.subarray(0, taken);
  }

  close(): void {
    libc().close(this.#fd);
  }

  /** Connected to the kernel (port 0), so that no other process can slip in an answer. */
  #connect(): void {
    const kernel = concat([u16(AF_NETLINK), u16(0), u32(0), u32(0)]);
    if (libc().connect(this.#fd, kernel, kernel.length) < 0) {
      const failure = lastErrno();
      this.close();
      throw new NetlinkError('connect a netlink socket', failure);
    }
  }

  #set(level: number, option: number, value: Uint8Array): void {
    libc().setsockopt(this.#fd, level, option, value, value.length);
  }

  /** Octets read, or the errno with its sign turned. */
  #read(flags: number): number {
    for (;;) {
      const length = Number(libc().recv(this.#fd, this.#buffer, this.#buffer.length, flags));
      if (length >= 0) {
        return length;
      }
      const failure = lastErrno();
      if (failure !== errno.EINTR) {
        return -failure;
      }
    }
  }
}
