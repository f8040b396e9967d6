import { Ip } from '../../core/address/ip.ts';
import { Mac } from '../../core/address/mac.ts';
import { concat, readU16BigEndian, u16BigEndian } from '../../netlink/message/octets.ts';

const operations = { request: 1, reply: 2 } as const;

/** ARP for IPv4 on Ethernet (RFC 826). */
export interface Arp {
  readonly operation: keyof typeof operations;
  readonly senderMac: Mac;
  readonly senderIp: Ip;
  readonly targetMac: Mac;
  readonly targetIp: Ip;
}

/** HTYPE Ethernet, PTYPE IPv4, HLEN 6, PLEN 4. */
const kinds = Uint8Array.of(0, 1, 8, 0, 6, 4);
const arpLength = 28;

// Not parsed: this is done at every start, and a regular expression's first use costs.
export const unspecifiedIpv4 = new Ip('ipv4', 0n);
const nobody = Mac.fromBytes(new Uint8Array(6));

/** "Who has it?": with sender 0.0.0.0 the probe of RFC 5227 §1.1, which teaches nobody anything. */
export function arpRequest(senderMac: Mac, senderIp: Ip, targetIp: Ip): Arp {
  return { operation: 'request', senderMac, senderIp, targetMac: nobody, targetIp };
}

export function encodeArp({ operation, senderMac, senderIp, targetMac, targetIp }: Arp): Uint8Array {
  return concat([
    kinds,
    u16BigEndian(operations[operation]),
    senderMac.toBytes(),
    senderIp.toBytes(),
    targetMac.toBytes(),
    targetIp.toBytes(),
  ]);
}

/** Undefined for all that is no whole request or reply of IPv4 on Ethernet; octets behind it are padding. */
export function decodeArp(octets: Uint8Array): Arp | undefined {
  if (octets.length < arpLength || kinds.some((octet, at) => octets[at] !== octet)) {
    return undefined;
  }
  const number = readU16BigEndian(octets, 6);
  if (number !== operations.request && number !== operations.reply) {
    return undefined;
  }
  return {
    operation: number === operations.request ? 'request' : 'reply',
    senderMac: Mac.fromBytes(octets.subarray(8, 14)),
    senderIp: Ip.fromBytes(octets.subarray(14, 18)),
    targetMac: Mac.fromBytes(octets.subarray(18, 24)),
    targetIp: Ip.fromBytes(octets.subarray(24, 28)),
  };
}
