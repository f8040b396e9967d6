import type { ProblemKind } from './kind.ts';

/** What can be wrong with addresses, wherever they are typed in. */
export const addressKinds = {
  // Addresses and names, wherever they are typed in.
  INVALID_ADDRESS: {
    status: 400,
    cni: 7,
    title: 'The text is not an IP address.',
    advice:
      'Write IPv4 as four decimal numbers without leading zeros, IPv6 as in RFC 4291, without zone or blanks.',
  },
  INVALID_PREFIX: {
    status: 400,
    cni: 7,
    title: 'The text is not an IP prefix.',
    advice: 'Write an address, a slash and a length, such as 10.9.0.0/16 or fd00:9::/64.',
  },
  INVALID_RANGE: {
    status: 400,
    cni: 7,
    title: 'The range of addresses is not usable.',
    advice:
      'Give a first and a last address of the same family, first not above last, at most 2^32 addresses.',
  },
  INVALID_MAC: {
    status: 400,
    cni: 7,
    title: 'The text is not a MAC address.',
    advice: 'Write six octets in hexadecimal, separated by colons, such as 0a:58:0a:09:01:07.',
  },
} as const satisfies Record<string, ProblemKind>;
