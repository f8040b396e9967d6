import { Problem } from '../problem/problem.ts';
import { formatIpv6, parseIpv6, readOctet } from './ipv6.ts';

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
    if (this.family === 'ipv4') {
      const number = Number(this.value);
      return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
    }
    const bytes = new Uint8Array(16);
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
    if (bytes.length === 4) {
      return new Ip('ipv4', ipv4Value(bytes[0] ?? 0, bytes[1] ?? 0, bytes[2] ?? 0, bytes[3] ?? 0));
    }
    let value = 0n;
    for (let at = 0; at < bytes.length; at += 2) {
      value = (value << 16n) | BigInt((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0));
    }
    return new Ip('ipv6', value);
  }

  /** RFC 5952 form. */
  toString(): string {
    return this.family === 'ipv4' ? this.toBytes().join('.') : formatIpv6(this.value);
  }

  toJSON(): string {
    return this.toString();
  }
}

function parseIpv4(text: string): bigint {
  const octets = text.split('.');
  const [a = -1, b = -1, c = -1, d = -1] = octets.map(readOctet);
  if (octets.length !== 4 || a < 0 || b < 0 || c < 0 || d < 0) {
    throw new Problem('INVALID_ADDRESS', `"${text}" is not an IP address`);
  }
  return ipv4Value(a, b, c, d);
}

function ipv4Value(a: number, b: number, c: number, d: number): bigint {
  return BigInt(a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d);
}
