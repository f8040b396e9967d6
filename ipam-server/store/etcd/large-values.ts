import { Problem } from '../../../core/problem/problem.ts';
import type { Commit, Entry } from '../store.ts';

/** A text that is longer is kept in pieces: etcd's requests, and so its values, end at 1.5 MiB. */
const pieceLength = 200_000;

/** What a record's key holds in place of a text that is elsewhere; no JSON begins so. */
const mark = '@';

interface Pieces {
  readonly id: string;
  readonly count: number;
}

/** Before all kinds of records in the order of keys, so that pieces are read before what they belong to. */
const pieces = '.piece/';

function pieceKey(id: string, index: number): string {
  return `${pieces}${id}/${String(index).padStart(4, '0')}`;
}

function keptIn(value: string): Pieces | null {
  const [, id, count] = /^@([^ ]+) (\d+)$/.exec(value) ?? [];
  return id === undefined ? null : { id, count: Number(count) };
}

/** The record that a text in pieces begins in; null where the value is the text itself. */
export function beginningOf(value: string): string | null {
  const found = keptIn(value);
  return found && pieceKey(found.id, 0);
}

/** What a piece holds of its text. */
export function pieceText(piece: string): string {
  return JSON.parse(piece);
}

/** Which records are kept in pieces, and the pieces that wait for theirs while records are read. */
export class LargeValues {
  readonly #newId: () => string;
  readonly #inPieces = new Map<string, Pieces>();
  readonly #waiting = new Map<string, string>();

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  /** The same commit with no long text in it. */
  divide(commit: Commit): Commit {
    const isConcerned = [...commit.records].some(
      ([key, value]) => this.#inPieces.has(key) || (value !== null && value.length > pieceLength),
    );
    if (!isConcerned) {
      return commit;
    }
    const records = new Map<string, string | null>();
    for (const [key, value] of commit.records) {
      this.#forget(key, records);
      records.set(key, value !== null && value.length > pieceLength ? this.#put(key, value, records) : value);
    }
    return { records, events: commit.events };
  }

  #forget(key: string, records: Map<string, string | null>): void {
    const old = this.#inPieces.get(key);
    for (let i = 0; i < (old?.count ?? 0); i++) {
      records.set(pieceKey(old?.id ?? '', i), null);
    }
    this.#inPieces.delete(key);
  }

  #put(key: string, value: string, records: Map<string, string | null>): string {
    const id = this.#newId();
    const count = Math.ceil(value.length / pieceLength);
    for (let i = 0; i < count; i++) {
      // As JSON, because a cut may go through a character of two units, which alone is no UTF-8.
      const piece = value.slice(i * pieceLength, (i + 1) * pieceLength);
      records.set(pieceKey(id, i), JSON.stringify(piece));
    }
    this.#inPieces.set(key, { id, count });
    return `${mark}${id} ${count}`;
  }

  /**
   * A record as it is read; null for a piece, which is given with its record. Pieces come before their records, in
   * the order of keys as in that of writing.
   *
   * @throws Problem STORE_DAMAGED when one is missing
   */
  whole([key, value]: Entry): Entry | null {
    if (key.startsWith(pieces)) {
      this.#waiting.set(key, value);
      return null;
    }
    const kept = value.startsWith(mark) ? keptIn(value) : null;
    if (kept === null) {
      return [key, value];
    }
    this.#inPieces.set(key, kept);
    const texts = Array.from({ length: kept.count }, (_, i) => this.#take(key, pieceKey(kept.id, i)));
    return [key, texts.join('')];
  }

  /** The same of several, without the pieces; @throws Problem STORE_DAMAGED */
  wholeOf(part: readonly Entry[]): Entry[] {
    return part.map((entry) => this.whole(entry)).filter((entry) => entry !== null);
  }

  /** Takes in that a key is gone. @returns whether it was a piece, which is no record */
  gone(key: string): boolean {
    this.#inPieces.delete(key);
    return this.#waiting.delete(key) || key.startsWith(pieces);
  }

  #take(key: string, piece: string): string {
    const text = this.#waiting.get(piece);
    if (text === undefined) {
      throw new Problem('STORE_DAMAGED', `the record "${key}" has lost its part "${piece}"`);
    }
    this.#waiting.delete(piece);
    return pieceText(text);
  }
}
