import { Mac } from '../../core/address/mac.ts';
import { concat, readU16BigEndian, u16BigEndian } from '../../netlink/message/octets.ts';

/** EtherTypes of IEEE 802 (<linux/if_ether.h>). */
export const etherTypes = { arp: 0x0806, ipv6: 0x86dd } as const;

export const ethernetLength = 14;

export const broadcast = Mac.fromBytes(new Uint8Array(6).fill(0xff));

/** An Ethernet II frame without its check sequence. The kernel or the card pads it to 60 octets. */
export interface Frame {
  readonly destination: Mac;
  readonly source: Mac;
  readonly type: number;
  readonly payload: Uint8Array;
}

export function encodeFrame({ destination, source, type, payload }: Frame): Uint8Array {
  return concat([destination.toBytes(), source.toBytes(), u16BigEndian(type), payload]);
}

/** Undefined for what is shorter than a header. */
export function decodeFrame(octets: Uint8Array): Frame | undefined {
  if (octets.length < ethernetLength) {
    return undefined;
  }
  return {
    destination: Mac.fromBytes(octets.subarray(0, 6)),
    source: Mac.fromBytes(octets.subarray(6, 12)),
    type: readU16BigEndian(octets, 12),
    payload: octets.subarray(ethernetLength),
  };
}
