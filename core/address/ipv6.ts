import { Problem } from '../problem/problem.ts';

const group = /^[0-9a-fA-F]{1,4}$/;
const dotted = /^(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!$)|$)){4}$/;

function fail(text: string): never {
  throw new Problem('INVALID_ADDRESS', `"${text}" is not an IP address`);
}

/** The 16-bit groups of one side of `::`; an embedded IPv4 address may only end the whole text. */
function groupsOf(side: string, mayEndDotted: boolean, text: string): number[] {
  if (side === '') {
    return [];
  }
  const parts = side.split(':');
  return parts.flatMap((part, index) => {
    if (mayEndDotted && index === parts.length - 1 && dotted.test(part)) {
      const octets = part.split('.').map(Number);
      const [a = 0, b = 0, c = 0, d = 0] = octets;
      return octets.some((octet) => octet > 255) ? fail(text) : [a * 256 + b, c * 256 + d];
    }
    return group.test(part) ? [Number.parseInt(part, 16)] : fail(text);
  });
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
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return groups.reduce((value, next) => (value << 16n) | BigInt(next), 0n);
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
