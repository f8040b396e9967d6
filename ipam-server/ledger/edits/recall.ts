import type { Ledger } from '../state/ledger.ts';
import type { Write } from '../state/record.ts';

/** Calls addresses back that nodes hold in reserve: they count as `warm` until their nodes let them go. */
export function recalls(ledger: Ledger, addresses: Iterable<string>): Write[] {
  return Array.from(addresses).flatMap((name): Write[] => {
    const warm = ledger.claims.warm(name);
    return warm === undefined || warm.recalled === true
      ? []
      : [{ kind: 'warm', name, record: { ...warm, recalled: true } }];
  });
}
