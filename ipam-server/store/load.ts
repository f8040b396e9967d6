import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { Ledger } from '../ledger/state/ledger.ts';
import {
  type AllocationRecord,
  attachmentName,
  type RecordKind,
  type Write,
} from '../ledger/state/record.ts';
import { decode } from './codec.ts';
import { refuseMoved } from './moved.ts';
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

/** Texts that many allocations share, such as a node's name, are in memory once. */
class SharedTexts {
  readonly #texts = new Map<string, string>();

  of(text: string): string {
    const known = this.#texts.get(text);
    if (known === undefined) {
      this.#texts.set(text, text);
    }
    return known ?? text;
  }
}

/**
 * The records of a store on their way into a ledger: handed over in parts, in any order, and applied when all
 * are there. Of each part nothing stays but what the ledger keeps.
 */
export class Loading {
  readonly #shared = new SharedTexts();
  readonly #allocations: AllocationRecord[] = [];
  readonly #others: Write[] = [];

  /** @throws Problem STORE_DAMAGED, naming the record; STORE_MOVED, naming where the ledger is */
  take(part: readonly Entry[]): void {
    refuseMoved(part);
    for (const entry of part) {
      const write = decode(entry);
      if (write.kind !== 'allocation' || write.record === null) {
        this.#others.push(write);
      } else if (write.name === attachmentName(write.record)) {
        this.#allocations.push(this.#lean(write.record));
      } else {
        throw new Problem('STORE_DAMAGED', `the record "${entry[0]}" is another attachment’s`);
      }
    }
  }

  /**
   * The ledger of the records. Allocations come in the order of their generation and releases in theirs, as
   * they once came, because lists and re-use follow it.
   *
   * @throws Problem STORE_DAMAGED, naming the record that does not fit
   */
  finish(now: number): Ledger {
    const ledger = new Ledger();
    const others = this.#others.sort((a, b) => rank(a.kind) - rank(b.kind) || place(a) - place(b));
    const later = others.findIndex((write) => rank(write.kind) > rank('allocation'));
    const seam = later < 0 ? others.length : later;
    for (const write of others.slice(0, seam)) {
      put(ledger, notLaterThan(write, now));
    }
    for (const record of this.#allocations.sort((a, b) => a.generation - b.generation)) {
      checkAlone(ledger, record);
      put(ledger, { kind: 'allocation', name: attachmentName(record), record });
    }
    for (const write of others.slice(seam)) {
      put(ledger, notLaterThan(write, now));
    }
    return ledger;
  }

  /** The same record in less memory. */
  #lean(record: AllocationRecord): AllocationRecord {
    record.node = this.#shared.of(record.node);
    record.network = this.#shared.of(record.network);
    record.ifname = this.#shared.of(record.ifname);
    for (const held of record.ips) {
      held.subnet = this.#shared.of(held.subnet);
      if (held.range !== undefined) {
        held.range = this.#shared.of(held.range);
      }
    }
    if (record.pod !== undefined) {
      record.pod.namespace = this.#shared.of(record.pod.namespace);
    }
    return record;
  }
}

/** An address has one owner; @throws Problem STORE_DAMAGED, naming both */
function checkAlone(ledger: Ledger, record: AllocationRecord): void {
  for (const { address } of record.ips) {
    const other = ledger.holders.ofAddress(address);
    if (other !== undefined) {
      const both = `allocation ${attachmentName(other)} and allocation ${attachmentName(record)}`;
      throw new Problem('STORE_DAMAGED', `${address} is held twice, by ${both}`);
    }
  }
}

function put(ledger: Ledger, write: Write): void {
  try {
    ledger.apply(write);
  } catch (error) {
    const detail = `the record "${write.kind}/${write.name}" does not fit: ${reasonOf(error)}`;
    throw new Problem('STORE_DAMAGED', detail, {}, error);
  }
}

/** The ledger of all records at once; @throws Problem STORE_DAMAGED */
export function ledgerOf(entries: readonly Entry[], now: number): Ledger {
  const loading = new Loading();
  loading.take(entries);
  return loading.finish(now);
}

function rank(kind: RecordKind): number {
  return order.indexOf(kind);
}

function place(write: Write): number {
  if (write.kind === 'key') {
    return write.record?.at ?? 0;
  }
  return isOfTime(write) ? (write.record?.sequence ?? 0) : 0;
}

/** What waits from a time on. */
function isOfTime(write: Write): write is Extract<Write, { kind: 'released' | 'conflict' }> {
  return write.kind === 'released' || write.kind === 'conflict';
}

/** Makes of a ledger that was followed what a load at this moment makes of its records. */
export function loadedAt(ledger: Ledger, now: number): Ledger {
  const waiting: Write[] = [
    ...Array.from(ledger.allReleased(), ({ ip, record }) => ({
      kind: 'released' as const,
      name: `${ip}`,
      record,
    })),
    ...Array.from(ledger.allContested(), ({ ip, record }) => ({
      kind: 'conflict' as const,
      name: `${ip}`,
      record,
    })),
    ...Array.from(ledger.keys.all(), ([name, record]) => ({ kind: 'key' as const, name, record })),
  ];
  for (const write of waiting) {
    const counted = notLaterThan(write, now);
    if (counted !== write) {
      ledger.apply(counted);
    }
  }
  return ledger;
}

/** What a wrong clock put into the future counts from now, not until then. */
function notLaterThan(write: Write, now: number): Write {
  if (!(isOfTime(write) || write.kind === 'key') || write.record === null || write.record.at <= now) {
    return write;
  }
  const { record } = write;
  return { ...write, record: { ...record, at: now } } as Write;
}
