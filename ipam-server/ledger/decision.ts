import type { Write } from './state/record.ts';

/** What a command comes to: the records to write, and the answer to give once they are durable. */
export interface Decision<Answer> {
  readonly writes: readonly Write[];
  readonly answer: Answer;
  /** Why, in words, for the events that tell of the writes; not where the request says it all. */
  readonly why?: string;
  /** What the event of a new allocation is called, where that is not `allocated`. */
  readonly allocatedAs?: 'adopted';
}

/** The world outside, as an input of every command: the same inputs give the same decision. */
export interface Moment {
  /** Milliseconds since 1970; never goes back. */
  readonly now: number;
  /** A new unique id. */
  readonly id: string;
}
