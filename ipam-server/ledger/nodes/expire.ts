import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Write } from '../state/record.ts';
import { restingWarm } from './fence.ts';

/** Milliseconds that clocks of nodes and server may differ by. */
const skew = 5 * 60_000;

/**
 * Takes back what reserves hold longer than they may: their nodes give it no more. It rests first, and comes after
 * all that rested before it, because a node that is cut off from the server may have given it to a pod in time.
 *
 * @returns the addresses
 */
export function expireReserves(ledger: Ledger, now: number): Decision<string[]> {
  const over: string[] = [];
  const writes: Write[] = [];
  for (const [address, { node, until }] of ledger.claims.allWarm()) {
    if (until + skew <= now) {
      over.push(address);
      writes.push(...restingWarm(ledger, address, node, now, over.length));
    }
  }
  return { writes, answer: over, why: 'its node has not asked for it any more' };
}
