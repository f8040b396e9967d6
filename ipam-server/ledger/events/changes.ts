import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Write } from '../state/record.ts';
import { agentChanges } from './agent-changes.ts';
import { allocationChanges } from './allocation-changes.ts';
import { conflictChanges } from './conflict-changes.ts';
import { epochChanges, objectChanges, reservationChanges } from './edit-changes.ts';
import type { Change } from './event.ts';
import { warmChanges } from './warm-changes.ts';

/**
 * What a decision changes, told from its records: since every change is a record, none can be left out.
 * Allocations come first: what else happens to their addresses follows from them.
 *
 * @param ledger before the decision’s writes
 */
export function changesOf(ledger: Ledger, decision: Decision<unknown>, now: number): Change[] {
  const changes: Change[] = [];
  const others: Change[] = [];
  let isOfReserve = false;
  for (const write of decision.writes) {
    if (write.kind === 'allocation') {
      changes.push(...allocationChanges(ledger, write.name, write.record, decision));
    } else if (write.kind === 'warm') {
      isOfReserve = true;
    } else {
      others.push(...otherChanges(write, ledger, decision, now));
    }
  }
  changes.push(...others, ...(isOfReserve ? warmChanges(ledger, decision) : nothing));
  return changes;
}

const nothing: readonly Change[] = [];

function otherChanges(
  write: Exclude<Write, { kind: 'allocation' | 'warm' }>,
  ledger: Ledger,
  decision: Decision<unknown>,
  now: number,
): readonly Change[] {
  switch (write.kind) {
    case 'conflict':
      return conflictChanges(ledger, write.name, write.record, decision, now);
    case 'reservation':
      return reservationChanges(ledger, write.name, write.record, decision.why);
    case 'agent':
      return agentChanges(ledger, write.name, write.record, decision.why);
    case 'epoch':
      return epochChanges(ledger.epoch, write.record, decision.why);
    case 'zone':
    case 'subnet':
    case 'range':
    case 'node':
      return objectChanges(ledger, write, decision.why);
    // A rest is told with the release that it follows, and the two others are no one’s business.
    case 'released':
    case 'key':
    case 'meta':
      return nothing;
  }
}
