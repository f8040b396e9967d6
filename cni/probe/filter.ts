import type { Family, Ip } from '../../core/address/ip.ts';
import { concat, u8, u16, u32 } from '../../netlink/message/octets.ts';

/** Opcodes of classic BPF (<linux/bpf_common.h>). */
const codes = { loadWord: 0x20, loadOctet: 0x30, jumpIfEqual: 0x15, return: 0x06 } as const;

/** Where things are in an Ethernet frame. */
const places = {
  arp: { senderIp: 28, targetIp: 38 },
  ipv6: { nextHeader: 20, icmpType: 54, endOfTarget: 74 },
} as const;

/** What the kernel knows beside the frame: SKF_AD_OFF and its fellows of <linux/filter.h>. */
const beside = { packetType: 0xfffff004, ifindex: 0xfffff008 } as const;
/** PACKET_OTHERHOST: also what bears the tag of a VLAN, which the kernel has taken off by now. */
const otherHost = 3;

const wholeFrame = 0x40000;

/** So many addresses a program: with more it would be longer than the kernel keeps for a socket (optmem_max). */
const most = 200;

/** `struct sock_filter`; the jumps count the instructions to pass over when the answer is yes, or no. */
function instruction(code: number, value: number, yes = 0, no = 0): Uint8Array {
  return concat([u16(code), u8(yes), u8(no), u32(value)]);
}

const refuse = instruction(codes.return, 0);
const accept = instruction(codes.return, wholeFrame);

/** Refuses all of IPv6 that is neither. */
function neighbourDiscovery(): Uint8Array[] {
  return [
    instruction(codes.loadOctet, places.ipv6.nextHeader),
    instruction(codes.jumpIfEqual, 58, 1, 0),
    refuse,
    instruction(codes.loadOctet, places.ipv6.icmpType),
    instruction(codes.jumpIfEqual, 135, 2, 0),
    instruction(codes.jumpIfEqual, 136, 1, 0),
    refuse,
  ];
}

/** Refuses what belongs to a VLAN of the interface, or to one of its macvlans alone. */
function ofInterface(index: number): Uint8Array[] {
  return [
    instruction(codes.loadWord, beside.packetType),
    instruction(codes.jumpIfEqual, otherHost, 0, 1),
    refuse,
    instruction(codes.loadWord, beside.ifindex),
    instruction(codes.jumpIfEqual, index, 1, 0),
    refuse,
  ];
}

/**
 * A program for SO_ATTACH_FILTER that lets only those frames of a family through that may speak of the addresses, so
 * that a busy network wakes nobody: ARP with one of them as sender or target, neighbour solicitations and
 * advertisements whose target ends like one of them; where there are very many, all of these. It spares work; what is
 * let through is still read strictly. What bears the tag of a VLAN is another network's.
 *
 * @param index of the interface that the socket is bound to
 */
export function frameFilter(family: Family, ips: readonly Ip[], index: number): Uint8Array {
  const words = ips.filter((ip) => ip.family === family).map((ip) => Number(ip.value & 0xffffffffn));
  if (words.length > most) {
    return everyFilter(family, index);
  }
  const anyOf = (place: number) => [
    instruction(codes.loadWord, place),
    ...words.flatMap((word) => [instruction(codes.jumpIfEqual, word, 0, 1), accept]),
  ];
  const { arp, ipv6 } = places;
  const speaks =
    family === 'ipv4'
      ? [...anyOf(arp.senderIp), ...anyOf(arp.targetIp)]
      : [...neighbourDiscovery(), ...anyOf(ipv6.endOfTarget)];
  return concat([...ofInterface(index), ...speaks, refuse]);
}

/** As `frameFilter`, for all addresses of a family: every ARP, every neighbour solicitation and advertisement. */
export function everyFilter(family: Family, index: number): Uint8Array {
  return concat([...ofInterface(index), ...(family === 'ipv4' ? [] : neighbourDiscovery()), accept]);
}
