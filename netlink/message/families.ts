import type { Family } from '../../core/address/ip.ts';

/** AF_UNSPEC of <linux/socket.h>: every family. */
export const anyFamily = 0;

const numbers = { ipv4: 2, ipv6: 10 } as const satisfies Record<Family, number>;

/** AF_INET or AF_INET6; AF_UNSPEC for none. */
export function familyNumber(family: Family | undefined): number {
  return family === undefined ? anyFamily : numbers[family];
}

/** Undefined for families that carry no IP, such as AF_BRIDGE. */
export function familyOf(number: number): Family | undefined {
  return number === numbers.ipv4 ? 'ipv4' : number === numbers.ipv6 ? 'ipv6' : undefined;
}
