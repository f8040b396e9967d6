/**
 * Integers and texts as netlink carries them: integers in the host's byte order, which is little-endian on
 * every CPU that realip is built for (x86-64, arm64); what is big-endian in a message says so in its name.
 *
 * Plain loops on purpose, here and in the attributes: every array method or regular expression that a process
 * meets for the first time costs it up to 0.2 ms, and the plugin is a new process for every pod.
 */

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8);
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}

/** Network byte order, as `__be16` in the kernel's headers. */
export function u16BigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

/** Network byte order, as `__be32`. */
export function u32BigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** UTF-8 with the NUL at the end that the kernel expects of a text. */
export function text(value: string): Uint8Array {
  const plain = plainText(value);
  if (plain !== undefined) {
    return plain;
  }
  // Pure code has no TextEncoder; percent-encoding is the language's own way to UTF-8.
  const octets: number[] = [];
  const encoded = encodeURIComponent(value);
  for (let at = 0; at < encoded.length; at++) {
    if (encoded[at] === '%') {
      octets.push(Number.parseInt(encoded.slice(at + 1, at + 3), 16));
      at += 2;
    } else {
      octets.push(encoded.charCodeAt(at));
    }
  }
  octets.push(0);
  return new Uint8Array(octets);
}

/** ASCII, as nearly all names are. */
function plainText(value: string): Uint8Array | undefined {
  const octets = new Uint8Array(value.length + 1);
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code > 0x7f) {
      return undefined;
    }
    octets[at] = code;
  }
  return octets;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) {
    length += part.length;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// A field beyond the end reads as zero: older kernels send shorter structures, and zero means "not given".
export function readU8(octets: Uint8Array, at: number): number {
  return octets[at] ?? 0;
}

export function readU16(octets: Uint8Array, at: number): number {
  return (octets[at] ?? 0) | ((octets[at + 1] ?? 0) << 8);
}

export function readU16BigEndian(octets: Uint8Array, at: number): number {
  return (readU8(octets, at) << 8) | readU8(octets, at + 1);
}

export function readU32(octets: Uint8Array, at: number): number {
  const low = (octets[at] ?? 0) | ((octets[at + 1] ?? 0) << 8);
  return (low | ((octets[at + 2] ?? 0) << 16) | ((octets[at + 3] ?? 0) << 24)) >>> 0;
}

export function readI32(octets: Uint8Array, at: number): number {
  return readU32(octets, at) | 0;
}

/** The text up to the first NUL; octets that are no UTF-8 are read as Latin-1 so that nothing is lost. */
export function readText(octets: Uint8Array): string {
  let plain = '';
  let isPlain = true;
  for (let at = 0; at < octets.length && octets[at] !== 0; at++) {
    const octet = octets[at] ?? 0;
    plain += String.fromCharCode(octet);
    isPlain &&= octet < 0x80;
  }
  if (isPlain) {
    return plain;
  }
  try {
    return decodeURIComponent(escaped(plain));
  } catch {
    return plain;
  }
}

function escaped(latin: string): string {
  let text = '';
  for (let at = 0; at < latin.length; at++) {
    const octet = latin.charCodeAt(at);
    text += `%${octet < 16 ? '0' : ''}${octet.toString(16)}`;
  }
  return text;
}
