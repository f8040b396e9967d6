import { zoneFramesPerSecond } from './limits.ts';
import { rfc5227 } from './rfc5227.ts';

/** A reserve is begun within this time, however large the zone is. */
const longest = 300_000;

/**
 * Over how many milliseconds a node spreads the first questions for addresses that no pod waits for: all nodes of a
 * zone may have just got power, or a new subnet. The random second of RFC 5227 is not in it, and enough for a few nodes.
 *
 * @param frames how many broadcasts the node sends in one go
 */
export function spreadOf(nodes: number, frames: number): number {
  const whole = (nodes * frames * 1000) / zoneFramesPerSecond;
  return Math.min(longest, Math.max(0, whole - rfc5227.probeWait));
}
