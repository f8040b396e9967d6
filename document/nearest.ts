/** Edit distance with swaps of neighbours counted once (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const cheapest = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(swapped ? Math.min(cheapest, (beforeLast[j - 2] ?? 0) + 1) : cheapest);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/**
 * The one of `known` that was probably meant by `typed`, or undefined when none is near.
 *
 * @param most slips at most; fewer are allowed in short words.
 */
export function nearest(
  typed: string,
  known: readonly string[],
  most = Number.POSITIVE_INFINITY,
): string | undefined {
  const lower = typed.slice(0, 64).toLowerCase();
  const reach = Math.min(most, Math.max(1, Math.floor(lower.length / 3)));
  return known
    .map((word) => ({ word, off: distance(lower, word.toLowerCase()) }))
    .filter(({ off }) => off <= reach)
    .sort((a, b) => a.off - b.off)[0]?.word;
}
