import type { Ledger } from './ledger.ts';
import type { Write } from './record.ts';

/**
 * The write that undoes an edit’s write; null where there is nothing to undo, because numbers are never given
 * again.
 *
 * @param ledger before the write
 * @throws Error for records of what happened, which no edit writes
 */
export function takingBack({ zones, networks, ranges, claims }: Ledger, write: Write): Write | null {
  const { kind, name } = write;
  switch (kind) {
    case 'zone':
      return { kind, name, record: zones.get(name) ?? null };
    case 'subnet':
      return { kind, name, record: networks.get(name)?.record ?? null };
    case 'range':
      return { kind, name, record: ranges.get(name) ?? null };
    case 'reservation':
      return { kind, name, record: claims.reservations.byName.get(name) ?? null };
    case 'warm':
      return { kind, name, record: claims.warm(name) ?? null };
    case 'meta':
      return null;
    default:
      throw new Error(`a record of kind ${kind} cannot be taken back`);
  }
}
