import { Problem } from '../problem/problem.ts';
import { bitsOf, Ip } from './ip.ts';
import { Range } from './range.ts';

/**
 * An IP prefix in CIDR form. Host bits may be set (`10.9.1.7/16` is an interface's address with its length);
 * `network` is the prefix without them.
 */
export class Prefix {
  readonly address: Ip;
  readonly bits: number;

  constructor(address: Ip, bits: number) {
    if (!Number.isInteger(bits) || bits < 0 || bits > bitsOf(address.family)) {
      throw new Problem('INVALID_PREFIX', `/${bits} is no prefix length of ${address.family}`);
    }
    this.address = address;
    this.bits = bits;
  }

  /** @throws Problem INVALID_PREFIX */
  static parse(text: string): Prefix {
    const slash = text.indexOf('/');
    const bits = text.slice(slash + 1);
    // No signs, leading zeros or blanks; the range the constructor knows.
    if (slash < 0 || String(Number(bits)) !== bits) {
      throw new Problem('INVALID_PREFIX', `"${text}" is not an IP prefix`);
    }
    try {
      return new Prefix(Ip.parse(text.slice(0, slash)), Number(bits));
    } catch (error) {
      throw new Problem('INVALID_PREFIX', `"${text}" is not an IP prefix`, {}, error);
    }
  }

  /** @throws Problem INVALID_PREFIX when bits are set to the right of the length, naming the prefix meant. */
  static parseNetwork(text: string): Prefix {
    const prefix = Prefix.parse(text);
    const network = prefix.network;
    if (!network.address.equals(prefix.address)) {
      throw new Problem('INVALID_PREFIX', `"${text}" has host bits set; the prefix is ${network}`);
    }
    return network;
  }

  /** The prefix of one address: /32 or /128. */
  static alone(ip: Ip): Prefix {
    return new Prefix(ip, bitsOf(ip.family));
  }

  get family() {
    return this.address.family;
  }

  /** How many addresses it spans, as a power: the size is `1n << hostBits`. */
  get hostBits(): bigint {
    return BigInt(bitsOf(this.family) - this.bits);
  }

  get network(): Prefix {
    return new Prefix(new Ip(this.family, (this.address.value >> this.hostBits) << this.hostBits), this.bits);
  }

  /** All addresses of the prefix, first to last. */
  get range(): Range {
    const first = this.network.address;
    return new Range(first, first.plus((1n << this.hostBits) - 1n));
  }

  contains(ip: Ip): boolean {
    return ip.family === this.family && ip.value >> this.hostBits === this.address.value >> this.hostBits;
  }

  overlaps(other: Prefix): boolean {
    return this.contains(other.network.address) || other.contains(this.network.address);
  }

  /**
   * The addresses that name the prefix itself and so no host: network and broadcast of IPv4, the
   * Subnet-Router anycast address of IPv6 (RFC 4291 §2.6.1); none in /31 (RFC 3021), /127 (RFC 6164), /32 and /128.
   */
  get unusable(): Ip[] {
    if (this.hostBits < 2n) {
      return [];
    }
    const { first, last } = this.range;
    return this.family === 'ipv4' ? [first, last] : [first];
  }

  /** Address and length as they are, in RFC 5952 form. */
  toString(): string {
    return `${this.address}/${this.bits}`;
  }

  toJSON(): string {
    return this.toString();
  }
}
