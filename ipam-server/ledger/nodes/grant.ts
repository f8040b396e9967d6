import { Ip } from '../../../core/address/ip.ts';
import type { Source } from '../allocation/source.ts';
import type { Each } from '../command.ts';
import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import { keptFor } from './review.ts';
import { nodesIn, type Portion, sharedLimit } from './scarcity.ts';

/** Fills a node's reserve of one subnet: from its own ranges, then, as far as its part goes, from the shared ones. */
export function fill(step: Each, node: string, zone: string, portion: Portion, want: number): void {
  const held = step((ledger) => ({ writes: [], answer: heldOf(ledger, node, portion) }));
  let [all, shared] = [held.own + held.shared, held.shared];
  while (all < want && step((_, { now }) => grant(node, portion.own, now))) {
    all++;
  }
  const limit = step((ledger, { now }) => ({
    writes: [],
    answer: sharedLimit(portion, nodesIn(ledger, zone), now),
  }));
  while (all < want && shared < limit && step((_, { now }) => grant(node, portion.shared, now))) {
    all++;
    shared++;
  }
}

/** How many addresses of a portion a node has in its reserve, those called back apart. */
function heldOf(ledger: Ledger, node: string, portion: Portion): { own: number; shared: number } {
  const held = { own: 0, shared: 0 };
  for (const address of ledger.claims.warmOf(node)) {
    const pool = portion.network.poolOf(Ip.parse(address));
    if (ledger.claims.warm(address)?.recalled === true || pool === undefined) {
      continue;
    }
    if (portion.own.some((source) => source.pool === pool)) {
      held.own++;
    } else if (portion.shared.some((source) => source.pool === pool)) {
      held.shared++;
    }
  }
  return held;
}

/** Puts the next rested address of some ranges into the reserve; reports whether there was one. */
function grant(node: string, sources: readonly Source[], now: number): Decision<boolean> {
  for (const { network, pool } of sources) {
    const ip = pool.next(now, network);
    if (ip !== undefined) {
      const record = { at: now, node, until: now + keptFor };
      return { writes: [{ kind: 'warm', name: ip.toString(), record }], answer: true };
    }
  }
  return { writes: [], answer: false };
}
