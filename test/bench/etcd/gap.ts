/**
 * The longest time without a good answer.
 *
 * @param answers when they came, in any order
 * @throws Error for fewer than two
 */
export function longestGap(answers: readonly number[]): number {
  const sorted = answers.toSorted((a, b) => a - b);
  if (sorted.length < 2) {
    throw new Error('there were no answers between which time could pass');
  }
  return Math.max(...sorted.slice(1).map((at, i) => at - (sorted[i] ?? at)));
}
