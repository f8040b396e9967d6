import { Problem } from './problem/problem.ts';

/** Seconds of each unit, in the order in which they are written. */
const units = [86_400, 3_600, 60, 1];

/**
 * A duration as Go and Kubernetes write it, and with days: whole numbers with d, h, m and s, in this order.
 *
 * @returns seconds; undefined for anything else
 * @example parseDuration('1h30m') === 5400
 */
export function parseDuration(text: string): number | undefined {
  const [whole, ...parts] = /^(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/.exec(text) ?? [];
  if (whole === undefined || whole === '') {
    return undefined;
  }
  return units.reduce((sum, seconds, index) => sum + seconds * Number(parts[index] ?? 0), 0);
}

/** Bounded, so that no address is kept for ever by a slip of the pen. */
const longestTimeSpan = 90 * 86_400;

/** @throws Problem INVALID_REQUEST for what is no duration, or more than 90 days */
export function checkTimeSpan(text: string): void {
  const seconds = parseDuration(text);
  if (seconds === undefined) {
    throw new Problem('INVALID_REQUEST', `"${text}" is no duration such as 24h, 1h30m or 7d`);
  }
  if (seconds > longestTimeSpan) {
    throw new Problem('INVALID_REQUEST', `"${text}" is more than 90 days`);
  }
}
