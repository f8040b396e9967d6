import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Write } from '../state/record.ts';

/** Longer than any sensible cooldown, and than the time between a range’s deletion and its return. */
const keptFor = 24 * 3_600_000;

/**
 * Forgets addresses that rest, or were contested, in no range any more: their ranges are gone since long. Those
 * of ranges stay, for the order of their re-use, and reserved ones, for the pod that had them.
 */
export function forgetOutsiders(ledger: Ledger, now: number): Decision<number> {
  const writes: Write[] = [];
  for (const { ip, record } of ledger.allReleased()) {
    const isReserved = ledger.claims.reservations.ofAddress(ip.toString()) !== undefined;
    if (record.at + keptFor < now && !isReserved && ledger.networkOf(ip)?.poolOf(ip) === undefined) {
      writes.push({ kind: 'released', name: ip.toString(), record: null });
    }
  }
  for (const { ip, record } of ledger.allContested()) {
    const network = ledger.networkOf(ip);
    const isHeld = ledger.holders.ofAddress(ip.toString()) !== undefined;
    if (record.at + keptFor < now && !isHeld && network?.poolOf(ip) === undefined) {
      writes.push({ kind: 'conflict', name: ip.toString(), record: null });
    }
  }
  return { writes, answer: writes.length };
}
