import { zoneRecheckFrames } from './limits.ts';
import { framesOfRecheck } from './questions.ts';

/** Milliseconds after which a ready address is asked for again, on average. */
export const recheckAfter = 5 * 60_000;

/** How many addresses a node asks for again in one go. */
export const recheckBatch = 16;

/**
 * How many ready addresses a node keeps fresh beyond those that it gives next: all of them in a zone of some dozen
 * nodes, fewer in a large one, so that the LAN isn't busy with it.
 */
export function keptFresh(nodes: number): number {
  return Math.floor((zoneRecheckFrames * recheckAfter) / 1000 / (nodes * framesOfRecheck(true)));
}

/**
 * After how many milliseconds an address is due: a fifth earlier or later, each by its own measure, since all that are
 * probed together would be asked for together for ever, and in a zone that got power at one moment by all nodes.
 *
 * @param salt another one gives another measure, such as the time of the last check
 */
export function dueAfter(address: string, salt: number): number {
  let hash = salt >>> 0;
  for (let at = 0; at < address.length; at++) {
    hash = Math.imul(hash ^ address.charCodeAt(at), 0x01000193) >>> 0;
  }
  // The low bits of a short text's hash differ most.
  const share = (Math.imul(hash, 0x9e3779b1) >>> 0) / 2 ** 32;
  return recheckAfter * (0.8 + 0.4 * share);
}
