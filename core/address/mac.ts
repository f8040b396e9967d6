import { Problem } from '../problem/problem.ts';
import type { Ip } from './ip.ts';

/** What MACs begin with when neither zone nor configuration says otherwise. */
export const defaultMacPrefix = '0a:58';

/** A 48-bit MAC address; an immutable value, printed in lower case with colons. */
export class Mac {
  readonly #octets: readonly number[];

  private constructor(octets: readonly number[]) {
    this.#octets = octets;
  }

  /** @throws Problem INVALID_MAC */
  static parse(text: string): Mac {
    const octets = readOctets(text, 6);
    if (octets === undefined) {
      throw new Problem('INVALID_MAC', `"${text}" is not a MAC address`);
    }
    return new Mac(octets);
  }

  /** From six octets; @throws Problem INVALID_MAC for another length. */
  static fromBytes(bytes: Uint8Array): Mac {
    if (bytes.length !== 6) {
      throw new Problem('INVALID_MAC', `${bytes.length} octets are no MAC address`);
    }
    // One by one: walking a typed array costs the plugin 0.2 ms the first time.
    const octets: number[] = [];
    for (let at = 0; at < bytes.length; at++) {
      octets.push(bytes[at] ?? 0);
    }
    return new Mac(octets);
  }

  /**
   * The MAC that belongs to an address: the zone's two octets, then the four octets of an IPv4 address or the
   * last four of an IPv6 one. One address has one MAC, so neighbours' caches stay right when it is used again.
   *
   * @param prefix two octets as `checkMacPrefix` accepts them
   */
  static derived(prefix: string, ip: Ip): Mac {
    return new Mac([...octetsOfPrefix(prefix), ...ip.toBytes().slice(-4)]);
  }

  /** Reports whether it may be an interface's own: unicast and not all zero. */
  get isUnicast(): boolean {
    return ((this.#octets[0] ?? 0) & 1) === 0 && this.#octets.some((octet) => octet !== 0);
  }

  get isLocallyAdministered(): boolean {
    return ((this.#octets[0] ?? 0) & 2) !== 0;
  }

  equals(other: Mac): boolean {
    return this.toString() === other.toString();
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#octets);
  }

  toString(): string {
    return this.#octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
  }

  toJSON(): string {
    return this.toString();
  }
}

/**
 * A zone's MAC prefix in lower case: two octets, unicast, locally administered (IEEE 802, second bit of the
 * first octet), so that no vendor's address is ever met.
 *
 * @throws Problem INVALID_MAC
 */
export function checkMacPrefix(text: string): string {
  const [first = 0] = octetsOfPrefix(text);
  if ((first & 3) !== 2) {
    throw new Problem('INVALID_MAC', `the MAC prefix "${text}" is not unicast and locally administered`);
  }
  return text.toLowerCase();
}

function octetsOfPrefix(text: string): number[] {
  const octets = readOctets(text, 2);
  if (octets === undefined) {
    throw new Problem('INVALID_MAC', `"${text}" is not a MAC prefix of two octets`);
  }
  return octets;
}

const digits = '0123456789abcdef';

/** `0a:58:…`, read without regular expressions: the first one costs the plugin as much as ten requests to the kernel. */
function readOctets(text: string, count: number): number[] | undefined {
  const lower = text.toLowerCase();
  const octets: number[] = [];
  for (let at = 0; at < lower.length; at += 3) {
    const [high, low] = [digits.indexOf(lower.charAt(at)), digits.indexOf(lower.charAt(at + 1))];
    const isEnded = at + 2 === lower.length;
    if (high < 0 || low < 0 || at + 1 >= lower.length || (!isEnded && lower.charAt(at + 2) !== ':')) {
      return undefined;
    }
    octets.push(high * 16 + low);
  }
  return octets.length === count && lower.length === count * 3 - 1 ? octets : undefined;
}
