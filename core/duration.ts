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
