import { Problem } from '../../../core/problem/problem.ts';
import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import type { KeyRecord, Write } from '../state/record.ts';

/** Milliseconds that the answer to a key is kept. */
const keptFor = 24 * 3_600_000;

/** How much is kept at most; beyond it the oldest goes before its time. */
export interface KeyBounds {
  readonly keys: number;
  /** Of all answers together. */
  readonly characters: number;
}

/** About 100 MiB with the store's own copy: a batch of 100 takes 4 KiB. */
const bounds: KeyBounds = { keys: 10_000, characters: 32 * 1024 * 1024 };

/**
 * The answer that a key already has.
 *
 * @param name the key with whose it is: one caller's key never finds another's answer
 * @throws Problem IDEMPOTENCY_KEY_REUSED when it belongs to another request
 */
export function recall(ledger: Ledger, name: string, sha256: string, now: number): string | null {
  const kept = ledger.keys.get(name);
  if (kept === undefined || isOver(kept, now)) {
    return null;
  }
  if (kept.sha256 !== sha256) {
    const at = new Date(kept.at).toISOString();
    throw new Problem('IDEMPOTENCY_KEY_REUSED', `the key came at ${at} with another body`);
  }
  return kept.answer;
}

/** Keeps the answer to a key, and lets go what is over, or is the oldest of too many. */
export function remember(
  ledger: Ledger,
  name: string,
  record: KeyRecord,
  { keys, characters }: KeyBounds = bounds,
): Decision<undefined> {
  const writes: Write[] = [];
  let spareKeys = keys - ledger.keys.size - 1;
  let spareCharacters = characters - ledger.keys.characters - record.answer.length;
  for (const [old, kept] of ledger.keys.all()) {
    if (!isOver(kept, record.at) && spareKeys >= 0 && spareCharacters >= 0) {
      break;
    }
    writes.push({ kind: 'key', name: old, record: null });
    spareKeys++;
    spareCharacters += kept.answer.length;
  }
  writes.push({ kind: 'key', name, record });
  return { writes, answer: undefined };
}

/** Lets go the keys whose time is over; so many a call. */
export function forgetKeys(ledger: Ledger, now: number, atMost: number): Decision<number> {
  const writes: Write[] = [];
  for (const [name, kept] of ledger.keys.all()) {
    if (!isOver(kept, now) || writes.length === atMost) {
      break;
    }
    writes.push({ kind: 'key', name, record: null });
  }
  return { writes, answer: writes.length };
}

function isOver({ at }: KeyRecord, now: number): boolean {
  return at + keptFor <= now;
}
