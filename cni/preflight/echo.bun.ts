import type { Ip } from '../../core/address/ip.ts';
import { awaitReady, events } from '../../netlink/descriptor.bun.ts';
import { attempt, libc } from '../../netlink/libc.bun.ts';
import { concat, text, u16, u16BigEndian, u32 } from '../../netlink/message/octets.ts';
import { internetChecksum } from '../probe/checksum.ts';

const AF_INET = 2;
const SOCK_RAW_NONBLOCK_CLOEXEC = 0x80803;
const IPPROTO_ICMP = 1;
const [SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE] = [0, 10, 3];
const [SOL_SOCKET, SO_BINDTODEVICE] = [1, 25];
const [echoRequest, echoReply] = [8, 0];
/** Octets of IPv4's header without options, and of ICMP's. */
const [ipHeader, icmpHeader] = [20, 8];
const waitMs = 300;
const tries = 2;

/**
 * Asks an IPv4 neighbour for an echo (RFC 792) of a packet that nobody on the way may cut.
 *
 * @param size octets of the whole packet
 * @returns whether it came back; @throws SystemError
 */
export function echoes(device: string, ip: Ip, size: number): boolean {
  const fd = attempt('open a raw socket', () =>
    libc().socket(AF_INET, SOCK_RAW_NONBLOCK_CLOEXEC, IPPROTO_ICMP),
  );
  try {
    set(fd, SOL_SOCKET, SO_BINDTODEVICE, text(device));
    set(fd, SOL_IP, IP_MTU_DISCOVER, u32(IP_PMTUDISC_PROBE));
    const place = concat([u16(AF_INET), u16BigEndian(0), ip.toBytes(), u32(0), u32(0)]);
    attempt(`connect to ${ip}`, () => libc().connect(fd, place, place.length));
    const id = process.pid & 0xffff;
    for (let sequence = 1; sequence <= tries; sequence++) {
      const packet = request(id, sequence, size - ipHeader - icmpHeader);
      // One that this node itself would have to cut is refused.
      const isSent = Number(libc().send(fd, packet, packet.length, 0)) > 0;
      if (isSent && isAnswered(fd, id, size)) {
        return true;
      }
    }
    return false;
  } finally {
    libc().close(fd);
  }
}

function set(fd: number, level: number, option: number, value: Uint8Array): void {
  attempt('set up a raw socket', () => libc().setsockopt(fd, level, option, value, value.length));
}

function request(id: number, sequence: number, length: number): Uint8Array {
  const make = (checksum: number) =>
    concat([
      Uint8Array.of(echoRequest, 0),
      u16BigEndian(checksum),
      u16BigEndian(id),
      u16BigEndian(sequence),
      new Uint8Array(length),
    ]);
  return make(internetChecksum(make(0)));
}

function isAnswered(fd: number, id: number, size: number): boolean {
  const end = performance.now() + waitMs;
  const buffer = new Uint8Array(65_536);
  for (let left: number = waitMs; left > 0; left = end - performance.now()) {
    if (!awaitReady(fd, events.readable, Math.ceil(left))) {
      return false;
    }
    const length = Number(libc().recv(fd, buffer, buffer.length, 0));
    const at = ((buffer[0] ?? 0) & 0xf) * 4;
    const isOurs = (((buffer[at + 4] ?? 0) << 8) | (buffer[at + 5] ?? 0)) === id;
    if (length >= size && buffer[at] === echoReply && isOurs) {
      return true;
    }
  }
  return false;
}
