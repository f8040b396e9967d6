import { Ip } from '../../core/address/ip.ts';
import { aligned } from './message.ts';
import { concat, readI32, readText, readU8, readU16, readU32, u16 } from './octets.ts';

const headerLength = 4;
const nestedBit = 0x8000;
/** The two highest bits of a type say "nested" and "network byte order". */
const typeMask = 0x3fff;

/** A type and its value; without a value the attribute is left out. */
export type Field = readonly [type: number, value: Uint8Array | undefined];

/** `encode(value)`, or nothing for no value: for fields that may be absent. */
export function given<T>(value: T | undefined, encode: (value: T) => Uint8Array): Uint8Array | undefined {
  return value === undefined ? undefined : encode(value);
}

/** A field that holds fields. */
export function nested(type: number, fields: readonly Field[]): Field {
  return [type | nestedBit, encodeAttributes(fields)];
}

/** Fields as `struct nlattr` each, padded to four octets. */
export function encodeAttributes(fields: readonly Field[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [type, value] of fields) {
    if (value !== undefined) {
      const length = headerLength + value.length;
      parts.push(u16(length), u16(type), value, new Uint8Array(aligned(length) - length));
    }
  }
  return concat(parts);
}

/** Attributes as received, by type. A reader answers undefined for an attribute that is not there. */
export class Attributes {
  readonly #octets: Uint8Array;
  /** Where each attribute begins: a link has some sixty, of which a dozen are read. */
  readonly #places: ReadonlyMap<number, number>;

  private constructor(octets: Uint8Array, places: ReadonlyMap<number, number>) {
    this.#octets = octets;
    this.#places = places;
  }

  /**
   * @param from where they begin, after the structure that the message type begins with
   * @throws RangeError for an attribute that is longer than what holds it
   */
  static decode(octets: Uint8Array, from = 0): Attributes {
    const places = new Map<number, number>();
    for (let at = from; at + headerLength <= octets.length; ) {
      const length = readU16(octets, at);
      if (length < headerLength || at + length > octets.length) {
        throw new RangeError(`an attribute of ${length} octets in the ${octets.length - at} that are left`);
      }
      places.set(readU16(octets, at + 2) & typeMask, at);
      at += aligned(length);
    }
    return new Attributes(octets, places);
  }

  entries(): Iterable<readonly [type: number, value: Uint8Array]> {
    return [...this.#places].map(([type, at]) => [type, this.#at(at)] as const);
  }

  octets(type: number): Uint8Array | undefined {
    const at = this.#places.get(type);
    return at === undefined ? undefined : this.#at(at);
  }

  u8(type: number): number | undefined {
    return this.#read(type, (value) => readU8(value, 0));
  }

  u16(type: number): number | undefined {
    return this.#read(type, (value) => readU16(value, 0));
  }

  u32(type: number): number | undefined {
    return this.#read(type, (value) => readU32(value, 0));
  }

  i32(type: number): number | undefined {
    return this.#read(type, (value) => readI32(value, 0));
  }

  text(type: number): string | undefined {
    return this.#read(type, readText);
  }

  ip(type: number): Ip | undefined {
    return this.#read(type, (value) => Ip.fromBytes(value));
  }

  nested(type: number): Attributes | undefined {
    return this.#read(type, (value) => Attributes.decode(value));
  }

  #read<T>(type: number, read: (value: Uint8Array) => T): T | undefined {
    const at = this.#places.get(type);
    return at === undefined ? undefined : read(this.#at(at));
  }

  #at(at: number): Uint8Array {
    return this.#octets.subarray(at + headerLength, at + readU16(this.#octets, at));
  }
}
