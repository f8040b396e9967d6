import { Ip } from '../../core/address/ip.ts';
import { Mac } from '../../core/address/mac.ts';
import { concat, readU8, readU16BigEndian, u8, u16BigEndian } from '../../netlink/message/octets.ts';
import { internetChecksum } from './checksum.ts';

const types = { solicitation: 135, advertisement: 136 } as const;
/** Type of the option that holds the MAC: of the source in a solicitation, of the target in an advertisement. */
const macOptions = { solicitation: 1, advertisement: 2 } as const;

/** A neighbour solicitation or advertisement (RFC 4861 §4.3, §4.4) with the IPv6 header's addresses. */
export interface Ndp {
  readonly kind: keyof typeof types;
  readonly source: Ip;
  readonly destination: Ip;
  readonly target: Ip;
  /** Of the option; absent in the solicitations of duplicate detection. */
  readonly mac?: Mac;
}

export const unspecifiedIpv6 = new Ip('ipv6', 0n);

/** ff02::1 */
const allNodes = new Ip('ipv6', 0xff02_0000_0000_0000_0000_0000_0000_0001n);
/** The O flag: who has another MAC for the target takes this one. Solicitations have no flags. */
const overrideFlag = 0x20;
const ipv6Length = 40;
/** Type, code, checksum, flags or reserved, target. */
const messageLength = 24;
const icmpv6 = 58;
/** RFC 4861 §7.1: what came through a router has less, and is no neighbour's. */
const hopLimit = 255;
/** ff02::1:ff00:0/104 */
const solicitedNodes = 0xff02_0000_0000_0000_0000_0001_ff00_0000n;

/** ff02::1:ffXX:XXXX with the last three octets of an address (RFC 4291 §2.7.1): its holder listens there. */
export function solicitedNode(ip: Ip): Ip {
  return new Ip('ipv6', solicitedNodes | (ip.value & 0xffffffn));
}

/** The MAC that a multicast address of IPv6 is sent to (RFC 2464 §7). */
export function multicastMac(group: Ip): Mac {
  return Mac.fromBytes(concat([Uint8Array.of(0x33, 0x33), group.toBytes().subarray(12)]));
}

/** "Who has it?" from an address of our own, or from `::`: duplicate detection (RFC 4862 §5.4.2), without our MAC. */
export function solicitation(mac: Mac, source: Ip, target: Ip): Ndp {
  const common = { kind: 'solicitation', source, destination: solicitedNode(target), target } as const;
  return source.equals(unspecifiedIpv6) ? common : { ...common, mac };
}

/** "It is I who has it", unasked, to all (RFC 4861 §7.2.6). */
export function advertisement(mac: Mac, target: Ip): Ndp {
  return { kind: 'advertisement', source: target, destination: allNodes, target, mac };
}

/** The whole IPv6 packet. */
export function encodeNdp({ kind, source, destination, target, mac }: Ndp): Uint8Array {
  const head = [u8(types[kind]), u8(0)];
  // One unit of eight octets: type, length, MAC.
  const option = mac === undefined ? [] : [u8(macOptions[kind]), u8(1), mac.toBytes()];
  const flags = Uint8Array.of(kind === 'advertisement' ? overrideFlag : 0, 0, 0, 0);
  const rest = [flags, target.toBytes(), ...option];
  const bare = concat([...head, u16BigEndian(0), ...rest]);
  const checksum = checksumOf(source.toBytes(), destination.toBytes(), bare);
  const header = Uint8Array.of(0x60, 0, 0, 0, 0, bare.length, icmpv6, hopLimit);
  return concat([header, source.toBytes(), destination.toBytes(), ...head, u16BigEndian(checksum), ...rest]);
}

/** Undefined for all that RFC 4861 §7.1 tells to discard, and for every other packet. */
export function decodeNdp(octets: Uint8Array): Ndp | undefined {
  const length = readU16BigEndian(octets, 4);
  const isIcmp = readU8(octets, 0) >>> 4 === 6 && readU8(octets, 6) === icmpv6;
  if (!isIcmp || readU8(octets, 7) !== hopLimit) {
    return undefined;
  }
  if (length < messageLength || octets.length < ipv6Length + length) {
    return undefined;
  }
  const [source, destination] = [octets.subarray(8, 24), octets.subarray(24, 40)];
  const message = octets.subarray(ipv6Length, ipv6Length + length);
  const kind = kindOf(message);
  if (kind === undefined || checksumOf(source, destination, message) !== 0) {
    return undefined;
  }
  const options = readOptions(message.subarray(messageLength));
  const mac = options?.get(macOptions[kind]);
  return (
    options && {
      kind,
      source: Ip.fromBytes(source),
      destination: Ip.fromBytes(destination),
      target: Ip.fromBytes(message.subarray(8, 24)),
      ...(mac?.length === 6 && { mac: Mac.fromBytes(mac) }),
    }
  );
}

function kindOf(message: Uint8Array): Ndp['kind'] | undefined {
  const [type, code] = [readU8(message, 0), readU8(message, 1)];
  if (code !== 0) {
    return undefined;
  }
  return type === types.solicitation
    ? 'solicitation'
    : type === types.advertisement
      ? 'advertisement'
      : undefined;
}

/** Their contents by type; undefined where one has no length or is longer than what is there. */
function readOptions(octets: Uint8Array): Map<number, Uint8Array> | undefined {
  const options = new Map<number, Uint8Array>();
  for (let at = 0; at < octets.length; ) {
    const length = readU8(octets, at + 1) * 8;
    if (length === 0 || at + length > octets.length) {
      return undefined;
    }
    options.set(readU8(octets, at), octets.subarray(at + 2, at + length));
    at += length;
  }
  return options;
}

/** Over the pseudo-header of RFC 8200 §8.1 and the message; 0 when that holds its own, right one. */
function checksumOf(source: Uint8Array, destination: Uint8Array, message: Uint8Array): number {
  const ending = Uint8Array.of(0, 0, message.length >>> 8, message.length, 0, 0, 0, icmpv6);
  return internetChecksum(concat([source, destination, ending, message]));
}
