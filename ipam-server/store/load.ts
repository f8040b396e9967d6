import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { Ledger } from '../ledger/ledger.ts';
import type { RecordKind, Write } from '../ledger/record.ts';
import { decode } from './codec.ts';
import type { Entry } from './store.ts';

/** What others refer to comes first. */
const order: readonly RecordKind[] = [
  'meta',
  'epoch',
  'key',
  'zone',
  'subnet',
  'range',
  'node',
  'agent',
  'reservation',
  'warm',
  'allocation',
  'released',
  'conflict',
];

/**
 * The ledger of a store's records. Allocations come in the order of their generation and releases in theirs,
 * as they once came, because lists and re-use follow it.
 *
 * @throws Problem STORE_DAMAGED
 */
export function ledgerOf(entries: readonly Entry[], now: number): Ledger {
  const ledger = new Ledger();
  const writes = entries.map(decode).sort((a, b) => rank(a) - rank(b) || place(a) - place(b));
  for (const write of writes) {
    try {
      ledger.apply(notLaterThan(write, now));
    } catch (error) {
      const detail = `the record "${write.kind}/${write.name}" does not fit: ${reasonOf(error)}`;
      throw new Problem('STORE_DAMAGED', detail, {}, error);
    }
  }
  return ledger;
}

function rank(write: Write): number {
  return order.indexOf(write.kind);
}

function place(write: Write): number {
  if (write.kind === 'allocation') {
    return write.record?.generation ?? 0;
  }
  if (write.kind === 'key') {
    return write.record?.at ?? 0;
  }
  return isOfTime(write) ? (write.record?.sequence ?? 0) : 0;
}

/** What waits from a time on. */
function isOfTime(write: Write): write is Extract<Write, { kind: 'released' | 'conflict' }> {
  return write.kind === 'released' || write.kind === 'conflict';
}

/** What a wrong clock put into the future counts from now, not until then. */
function notLaterThan(write: Write, now: number): Write {
  if (!(isOfTime(write) || write.kind === 'key') || write.record === null || write.record.at <= now) {
    return write;
  }
  const { record } = write;
  return { ...write, record: { ...record, at: now } } as Write;
}
