/** The value below which `share` (0 to 1) of the values lie; the nearest rank. @throws Error for no values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) {
    throw new Error('there is nothing to measure');
  }
  return value;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** One paired comparison: the same work done by us and by a peer in turn, in one run. */
export interface Comparison {
  readonly name: string;
  /** What was on and how it was done, such as `HTTP, no duplicate probe`. */
  readonly conditions: string;
  readonly unit: 'ms' | 'µs' | 'per second' | 'Gbit/s';
  readonly peer: string;
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** The ratio of ours to theirs that we aim at: at most for times, at least for rates. */
  readonly target?: number;
}

/** The median of the ratios pair by pair: what drifts in the machine hits both sides of a pair alike. */
export function ratioOf({ ours, theirs }: Comparison): number {
  const ratios = ours.flatMap((value, i) => {
    const other = theirs[i];
    return other === undefined ? [] : [value / other];
  });
  return median(ratios);
}

/** Of times less is better, of all others more. */
export function isTime(unit: Comparison['unit']): boolean {
  return unit === 'ms' || unit === 'µs';
}

/** Reports whether the aim is reached; true where there is none. */
export function reaches(comparison: Comparison): boolean {
  const { target, unit } = comparison;
  if (target === undefined) {
    return true;
  }
  return isTime(unit) ? ratioOf(comparison) <= target : ratioOf(comparison) >= target;
}
