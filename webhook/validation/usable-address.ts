import type { Ip } from '../../core/address/ip.ts';
import { Prefix } from '../../core/address/prefix.ts';

/** Addresses that no host has, whatever its network (RFC 6890). */
const never: readonly (readonly [what: string, prefix: Prefix])[] = [
  ['the unspecified address', Prefix.parse('0.0.0.0/32')],
  ['a loopback address', Prefix.parse('127.0.0.0/8')],
  ['a multicast address', Prefix.parse('224.0.0.0/4')],
  ['the broadcast address', Prefix.parse('255.255.255.255/32')],
  ['the unspecified address', Prefix.parse('::/128')],
  ['the loopback address', Prefix.parse('::1/128')],
  ['an IPv4 address written as IPv6', Prefix.parse('::ffff:0:0/96')],
  ['a multicast address', Prefix.parse('ff00::/8')],
];

/** @throws Error for an address that no pod of any subnet can have, or whose groups have leading zeros */
export function checkUsable(ip: Ip, text: string): void {
  // RFC 4291 takes them; a fixed address is written as people compare it, in one way.
  if (ip.family === 'ipv6' && /(^|:)0[\da-f]/i.test(text)) {
    throw new Error(`"${text}" has leading zeros; write ${ip}`);
  }
  const [what] = never.find(([, prefix]) => prefix.contains(ip)) ?? [];
  if (what !== undefined) {
    throw new Error(`"${text}" is ${what}, which no pod can have`);
  }
}
