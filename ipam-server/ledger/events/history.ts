import type { HistoryEntry, LedgerEvent } from '../../../schema/event.ts';
import type { AllocationRecord } from '../state/record.ts';
import { holderIn } from './allocation-changes.ts';

/** An entry while its end may still come. */
type Growing = { -readonly [Part in keyof HistoryEntry]: HistoryEntry[Part] };

/** An entry, the event that began it, and the generation of the last owner told up to it. */
export interface Placed {
  readonly entry: HistoryEntry;
  readonly event: number;
  readonly generation: number;
}

/** What an event of a type begins, where that has an end. */
const begun: ReadonlyMap<string, string> = new Map([
  ['allocated', 'allocated'],
  ['adopted', 'allocated'],
  ['warm', 'warm'],
  ['reserved', 'reserved'],
]);

/** What an event of a type ends. */
const ended: ReadonlyMap<string, string> = new Map([
  ['released', 'allocated'],
  ['revoked', 'allocated'],
  ['returned', 'warm'],
  ['unreserved', 'reserved'],
  // An address leaves a reserve for its owner, or because somebody else has it.
  ['allocated', 'warm'],
  ['adopted', 'warm'],
  ['quarantined', 'warm'],
]);

const momentary: ReadonlySet<string> = new Set(['conflict', 'quarantined']);

/** The times of one address, made from its events in their order. */
export class History {
  readonly placed: Placed[] = [];
  readonly #open = new Map<string, Growing>();
  readonly #isContinued: boolean;
  #generation: number;

  /** @param told the generation of the last owner that an earlier page told; none on the first page */
  constructor(told?: number) {
    this.#isContinued = told !== undefined;
    this.#generation = told ?? 0;
  }

  /** Reports whether the end of something may still come; the owner that lives now has none. */
  isOpen(living: number | undefined): boolean {
    return [...this.#open.values()].some(({ type, generation }) =>
      type === 'allocated' ? generation !== living : true,
    );
  }

  /** Begins with an owner whose allocation is not among the events any more. */
  begin(record: AllocationRecord): void {
    const { at, mac, pod } = record;
    this.#generation = record.generation;
    this.#start(0, 'allocated', {
      type: 'allocated',
      from: new Date(at).toISOString(),
      ...holderIn(record),
      mac,
      ...(pod === undefined ? {} : { pod }),
    });
  }

  /** Takes in the next event. */
  take(event: LedgerEvent): void {
    if (!this.finish(event)) {
      this.#takeLateEnd(event);
    }
    const type = begun.get(event.type);
    if (type !== undefined) {
      this.#generation = type === 'allocated' ? (event.generation ?? 0) : this.#generation;
      this.#start(event.id, keyOf(type, event), entryOf(event, type));
    } else if (momentary.has(event.type)) {
      this.#place(event.id, entryOf(event, event.type));
    }
  }

  /** Takes in an event for what it ends alone; reports whether it ended something. */
  finish(event: LedgerEvent): boolean {
    const key = keyOf(ended.get(event.type) ?? '', event);
    const entry = this.#open.get(key);
    if (entry === undefined) {
      return false;
    }
    entry.until = event.time;
    if (event.why !== undefined && event.type !== 'quarantined') {
      entry.why = event.why;
    }
    this.#open.delete(key);
    return true;
  }

  /** The end of what began before all events that are kept; on a later page it may have been told. */
  #takeLateEnd(event: LedgerEvent): void {
    const { type, since, generation = 0 } = event;
    const isTold = this.#isContinued && generation === this.#generation;
    if (ended.get(type) === 'allocated' && since !== undefined && !isTold) {
      this.#generation = generation;
      this.#place(event.id, { ...entryOf(event, 'allocated'), from: since, until: event.time });
    }
  }

  #start(event: number, key: string, entry: Growing): void {
    this.#open.set(key, entry);
    this.#place(event, entry);
  }

  #place(event: number, entry: HistoryEntry): void {
    this.placed.push({ entry, event, generation: this.#generation });
  }
}

/** What has an end is found by its kind; several may reserve an address. */
function keyOf(type: string, { object, node }: LedgerEvent): string {
  return type === 'reserved' ? `reserved ${object ?? node}` : type;
}

function entryOf(event: LedgerEvent, type: string): Growing {
  const { id, time, addresses, actor, from, request, since, before, after, ...rest } = event;
  return { ...rest, type, from: time };
}
