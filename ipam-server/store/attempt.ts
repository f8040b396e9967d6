import type { Decision } from '../ledger/decision.ts';
import { changesOf } from '../ledger/events/changes.ts';
import type { Change } from '../ledger/events/event.ts';
import type { Ledger } from '../ledger/state/ledger.ts';
import type { Write } from '../ledger/state/record.ts';
import { takingBack } from '../ledger/state/taking-back.ts';

/** Edits taken into memory that may still be taken back, as long as nobody has looked. */
export class Attempt {
  /** What the store and the events would have to know. */
  readonly writes: Write[] = [];
  readonly changes: Change[] = [];
  readonly #ledger: Ledger;
  readonly #back: Write[] = [];

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Takes an edit in; @throws Error, with nothing taken in, where a write has no way back */
  take<Answer>({ answer, ...decided }: Decision<Answer>, now: number): Answer {
    const back = decided.writes.flatMap((write) => takingBack(this.#ledger, write) ?? []);
    this.changes.push(...changesOf(this.#ledger, { ...decided, answer }, now));
    this.#back.push(...back);
    for (const write of decided.writes) {
      this.#ledger.apply(write);
      this.writes.push(write);
    }
    return answer;
  }

  /** Makes the ledger what it was. Numbers that were given to revisions stay given. */
  undo(): void {
    for (let write = this.#back.pop(); write !== undefined; write = this.#back.pop()) {
      this.#ledger.apply(write);
    }
  }
}
