import { Problem } from '../problem/problem.ts';

// Read without regular expressions and with plain loops: the plugin is a new process for every pod, and each of those
// costs it up to 0.1 ms the first time.
const digits = '0123456789abcdef';

function fail(text: string): never {
  throw new Problem('INVALID_ADDRESS', `"${text}" is not an IP address`);
}

/** One to four hexadecimal digits. */
function readGroup(part: string, text: string): number {
  let value = 0;
  for (const sign of part.toLowerCase()) {
    const digit = digits.indexOf(sign);
    value = digit < 0 ? fail(text) : value * 16 + digit;
  }
  return part === '' || part.length > 4 ? fail(text) : value;
}

/** 0 to 255, or -1. Leading zeros are refused, not read: `010` is 8 to inet_aton and 10 to others. */
export function readOctet(text: string): number {
  const value = Number(text);
  return String(value) === text && Number.isInteger(value) && value >= 0 && value <= 255 ? value : -1;
}

/** The 16-bit groups of one side of `::`; an embedded IPv4 address may only end the whole text. */
function groupsOf(side: string, mayEndDotted: boolean, text: string): number[] {
  const groups: number[] = [];
  if (side === '') {
    return groups;
  }
  const parts = side.split(':');
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? '';
    if (mayEndDotted && index === parts.length - 1 && part.includes('.')) {
      const octets = part.split('.');
      const [a = -1, b = -1, c = -1, d = -1] = octets.map(readOctet);
      if (octets.length !== 4 || a < 0 || b < 0 || c < 0 || d < 0) {
        fail(text);
      }
      groups.push(a * 256 + b, c * 256 + d);
    } else {
      groups.push(readGroup(part, text));
    }
  }
  return groups;
}

/**
 * An IPv6 address written as RFC 4291 §2.2 allows, as a number.
 *
 * @throws Problem INVALID_ADDRESS, also for zone ids and for `::` standing for no group at all (RFC 4291: one or more).
 */
export function parseIpv6(text: string): bigint {
  const sides = text.split('::');
  const [left = '', right] = sides;
  if (sides.length > 2) {
    fail(text);
  }
  const head = groupsOf(left, right === undefined, text);
  const tail = right === undefined ? [] : groupsOf(right, true, text);
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) {
    fail(text);
  }
  let value = 0n;
  for (const group of head) {
    value = (value << 16n) | BigInt(group);
  }
  value <<= BigInt(16 * missing);
  for (const group of tail) {
    value = (value << 16n) | BigInt(group);
  }
  return value;
}

/** Start and length of the longest run of two or more zero groups, the first of equals; length 0 if none. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (i < groups.length && groups[i] === 0) {
      continue;
    }
    if (i - start > best.length && i - start > 1) {
      best = { start, length: i - start };
    }
    start = i + 1;
  }
  return best;
}

/** RFC 5952: lower case, no leading zeros, the longest run of zeros as `::`, IPv4-mapped ones dotted (§5). */
export function formatIpv6(value: bigint): string {
  if (value >> 32n === 0xffffn) {
    const shifts = [24n, 16n, 8n, 0n];
    return `::ffff:${shifts.map((shift) => (value >> shift) & 0xffn).join('.')}`;
  }
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  const hex = groups.map((each) => each.toString(16));
  const zeros = longestZeros(groups);
  if (zeros.length === 0) {
    return hex.join(':');
  }
  return `${hex.slice(0, zeros.start).join(':')}::${hex.slice(zeros.start + zeros.length).join(':')}`;
}
