import type { Family } from '../../core/address/ip.ts';
import type { Mac } from '../../core/address/mac.ts';
import { addressOf, lastErrno, libc, rareLibc } from '../../netlink/libc.bun.ts';
import { NetlinkError } from '../../netlink/message/netlink-error.ts';
import { concat, readU32, u16, u16BigEndian, u32 } from '../../netlink/message/octets.ts';
import { etherTypes } from './ethernet.ts';
import type { FrameSocket } from './probing.ts';

const AF_PACKET = 17;
const SOCK_RAW_NONBLOCK_CLOEXEC = 0x80803;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const SO_RCVBUFFORCE = 33;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_STATISTICS = 6;
const PACKET_IGNORE_OUTGOING = 23;
const PACKET_MR_MULTICAST = 0;
const PACKET_MR_ALLMULTI = 2;
const POLLIN = 1;
/** Octets of a `struct sock_filter`. */
const instructionLength = 8;

/** The longest frame of interest is an advertisement with some options. */
const longest = 2048;

export interface PacketSocketSettings {
  /** Index of the interface; one that is down hears nothing. */
  readonly index: number;
  readonly family: Family;
  /** A BPF program for whole frames, as `frameFilter` makes it. */
  readonly filter: Uint8Array;
  /** Multicast addresses that the interface shall listen to while this is open. */
  readonly groups: readonly Mac[] | 'all';
  /** Octets of the kernel's memory that frames may take while nobody reads them; a small frame takes about 800. */
  readonly room?: number;
}

/** Whole Ethernet frames of one interface: ARP or IPv6 (packet(7)). It stays in the thread's namespace of its making. */
export class PacketSocket implements FrameSocket {
  readonly fd: number;
  readonly #buffer = new Uint8Array(longest);

  private constructor(fd: number) {
    this.fd = fd;
  }

  /** @throws NetlinkError EPERM; ENODEV when the interface is gone */
  static open({ index, family, filter, groups, room }: PacketSocketSettings): PacketSocket {
    // Of no protocol until it is bound: nothing of another interface, and nothing unfiltered, gets in before.
    const fd = libc().socket(AF_PACKET, SOCK_RAW_NONBLOCK_CLOEXEC, 0);
    if (fd < 0) {
      throw new NetlinkError('open a packet socket', lastErrno());
    }
    const socket = new PacketSocket(fd);
    socket.filter(filter);
    if (groups === 'all') {
      const membership = concat([u32(index), u16(PACKET_MR_ALLMULTI), new Uint8Array(10)]);
      socket.#set('join all groups by', SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership);
    } else {
      for (const group of groups) {
        const membership = concat([u32(index), u16(PACKET_MR_MULTICAST), u16(6), group.toBytes(), u16(0)]);
        socket.#set('join a group by', SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership);
      }
    }
    if (room !== undefined) {
      // Where the process may not have so much, as in a user namespace, it stays as it was.
      libc().setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, u32(room), 4);
      // Linux before 4.20 lacks it; a socket of one protocol doesn't get what this host sends anyway.
      libc().setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, u32(1), 4);
    }
    const type = family === 'ipv4' ? etherTypes.arp : etherTypes.ipv6;
    const place = concat([u16(AF_PACKET), u16BigEndian(type), u32(index), new Uint8Array(12)]);
    socket.#must('bind', libc().bind(fd, place, place.length));
    return socket;
  }

  /** From now on only what this program lets through comes in. @throws NetlinkError; it is closed then */
  filter(program: Uint8Array): void {
    this.#set('filter', SOL_SOCKET, SO_ATTACH_FILTER, programOf(program));
  }

  /** One that can't go out, for want of a carrier or of room in a queue, is lost. */
  send(frame: Uint8Array): void {
    libc().send(this.fd, frame, frame.length, 0);
  }

  receive(): Uint8Array | undefined {
    return this.receiveInPlace()?.slice();
  }

  /** As `receive`, but only until the next call: who looks at thousands a second shouldn't copy each. */
  receiveInPlace(): Uint8Array | undefined {
    const length = Number(libc().recv(this.fd, this.#buffer, longest, 0));
    return length < 0 ? undefined : this.#buffer.subarray(0, length);
  }

  /** Frames that found no room since the last call; they were lost. */
  dropped(): number {
    // `struct tpacket_stats`: how many came, how many of them were dropped. Asking sets both to zero.
    const statistics = new Uint8Array(8);
    const isKnown =
      rareLibc().getsockopt(this.fd, SOL_PACKET, PACKET_STATISTICS, statistics, u32(statistics.length)) === 0;
    return isKnown ? readU32(statistics, 4) : 0;
  }

  close(): void {
    libc().close(this.fd);
  }

  #set(what: string, level: number, option: number, value: Uint8Array): void {
    this.#must(what, libc().setsockopt(this.fd, level, option, value, value.length));
  }

  #must(what: string, result: number): void {
    if (result < 0) {
      const failure = lastErrno();
      this.close();
      throw new NetlinkError(`${what} a packet socket`, failure);
    }
  }
}

/** `struct sock_fprog`: how many instructions, and where they are. */
function programOf(filter: Uint8Array): Uint8Array {
  const program = new Uint8Array(16);
  const view = new DataView(program.buffer);
  view.setUint16(0, filter.length / instructionLength, true);
  view.setBigUint64(8, addressOf(filter), true);
  return program;
}

/** Returns when a socket has a frame, or the milliseconds are over; a signal may end it sooner. */
export function waitForFrame(sockets: readonly Pick<PacketSocket, 'fd'>[], milliseconds: number): void {
  const polled = concat(sockets.flatMap(({ fd }) => [u32(fd), u16(POLLIN), u16(0)]));
  libc().poll(polled, sockets.length, Math.max(0, Math.ceil(milliseconds)));
}
