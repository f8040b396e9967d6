import { readU8, readU16BigEndian } from '../../netlink/message/octets.ts';

/** The Internet checksum (RFC 1071): 0 over octets that hold their own, right one. */
export function internetChecksum(octets: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) {
    sum += at + 1 < octets.length ? readU16BigEndian(octets, at) : readU8(octets, at) << 8;
  }
  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return ~sum & 0xffff;
}
