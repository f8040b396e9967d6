import { Problem } from '../problem/problem.ts';
import { formatIpv6, parseIpv6 } from './ipv6.ts';

export type Family = 'ipv4' | 'ipv6';

/** Bits of an address: 32 or 128. */
export function bitsOf(family: Family): number {
  return family === 'ipv4' ? 32 : 128;
}

/** The highest address of a family as a number. */
function highest(family: Family): bigint {
  return (1n << BigInt(bitsOf(family))) - 1n;
}

/**
 * An IPv4 or IPv6 address: an immutable value with strict parsing and RFC 5952 printing.
 *
 * @example Ip.parse('FD00:0::7').toString() === 'fd00::7'
 */
export class Ip {
  readonly family: Family;
  /** The address as an unsigned number, most significant octet first. */
  readonly value: bigint;

  constructor(family: Family, value: bigint) {
    if (value < 0n || value > highest(family)) {
      throw new Problem('INVALID_ADDRESS', `${value} is outside the ${family} addresses`);
    }
    this.family = family;
    this.value = value;
  }

  /** @throws Problem INVALID_ADDRESS for anything but one strictly written address. */
  static parse(text: string): Ip {
    if (text.includes(':')) {
      return new Ip('ipv6', parseIpv6(text));
    }
    return new Ip('ipv4', parseIpv4(text));
  }

  /** The address that is `count` after this one (before it, if negative); @throws Problem past either end. */
  plus(count: bigint): Ip {
    return new Ip(this.family, this.value + count);
  }

  equals(other: Ip): boolean {
    return this.family === other.family && this.value === other.value;
  }

  /** Negative, 0 or positive; IPv4 sorts before IPv6. */
  compare(other: Ip): number {
    if (this.family !== other.family) {
      return this.family === 'ipv4' ? -1 : 1;
    }
    return this.value < other.value ? -1 : this.value > other.value ? 1 : 0;
  }

  /** 4 or 16 octets, network order. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(bitsOf(this.family) / 8);
    let rest = this.value;
    for (let i = bytes.length - 1; i >= 0; i--) {
      bytes[i] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    return bytes;
  }

  /** From 4 or 16 octets; @throws Problem INVALID_ADDRESS for another length. */
  static fromBytes(bytes: Uint8Array): Ip {
    if (bytes.length !== 4 && bytes.length !== 16) {
      throw new Problem('INVALID_ADDRESS', `${bytes.length} octets are no address`);
    }
    let value = 0n;
    for (const byte of bytes) {
      value = (value << 8n) | BigInt(byte);
    }
    return new Ip(bytes.length === 4 ? 'ipv4' : 'ipv6', value);
  }

  /** RFC 5952 form. */
  toString(): string {
    return this.family === 'ipv4' ? [...this.toBytes()].join('.') : formatIpv6(this.value);
  }

  toJSON(): string {
    return this.toString();
  }
}

// Leading zeros are refused, not read: `010` is 8 to inet_aton and 10 to others.
const octet = '(0|[1-9][0-9]{0,2})';
const dottedQuad = new RegExp(`^${octet}\\.${octet}\\.${octet}\\.${octet}$`);

function parseIpv4(text: string): bigint {
  const match = dottedQuad.exec(text);
  const octets = match?.slice(1).map(Number) ?? [];
  if (match === null || octets.some((value) => value > 255)) {
    throw new Problem('INVALID_ADDRESS', `"${text}" is not an IP address`);
  }
  return octets.reduce((value, next) => (value << 8n) | BigInt(next), 0n);
}
