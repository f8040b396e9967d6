import type { Range } from '../../../core/address/range.ts';
import type { User } from './edit.ts';

/** What an edit of a range or subnet comes to, for the addresses that may be given. */
export interface Effect {
  /** How many may be given before and after it. */
  readonly before: number;
  readonly after: number;
  /** How many of those before are none after it. */
  readonly lost: number;
  /** Who has addresses that are given no more, or not to him: he keeps them until he ends. */
  readonly live: readonly User[];
}

/** How many addresses some parts have, which do not overlap. */
export function countOf(parts: readonly Range[]): number {
  return Number(parts.reduce((sum, { size }) => sum + size, 0n));
}

/** What is in one list of parts and not in another; both in order and of one family. Costs their lengths. */
export function difference(parts: readonly Range[], others: readonly Range[]): Range[] {
  const left: Range[] = [];
  let at = 0;
  for (const part of parts) {
    while ((others[at]?.last.compare(part.first) ?? 0) < 0) {
      at++;
    }
    const overlapping: Range[] = [];
    for (let i = at, other = others[i]; other?.overlaps(part); other = others[++i]) {
      overlapping.push(other);
    }
    left.push(...part.minus(overlapping));
  }
  return left;
}
