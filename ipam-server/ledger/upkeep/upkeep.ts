import { settling } from '../allocation/sticky-upkeep.ts';
import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';

/**
 * The next thing that the ledger does by itself, null when all is done: reservations end at their time, and sticky
 * ones follow the pods that have their addresses. Whoever decides or looks takes these in first, and again after
 * what was decided: so time and change count for every answer at once, and their records are durable with it.
 */
export function upkeep(ledger: Ledger, now: number): Decision<null> | null {
  const { reservations } = ledger.claims;
  const end = reservations.firstEnd;
  if (end !== undefined && end.at <= now) {
    const writes = [{ kind: 'reservation', name: end.name, record: null } as const];
    return { writes, answer: null, why: 'its time is over' };
  }
  for (let found = reservations.unsettled; found !== undefined; found = reservations.unsettled) {
    const decision = settling(ledger, found, now);
    if (decision !== null) {
      return decision;
    }
    reservations.settled(found.name);
  }
  return null;
}
