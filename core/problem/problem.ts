import type { ProblemKind } from './kind.ts';
import { type ProblemCode, problemKinds } from './registry.ts';

/** Facts that go with a problem into an answer or a log line, such as `{node: "n1"}`. */
export type ProblemFacts = Readonly<Record<string, unknown>>;

/**
 * An error that a user can meet: a code of the registry, and what happened in this case.
 *
 * @example throw new Problem('INVALID_ADDRESS', '"010.0.0.1" has a leading zero');
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly facts: ProblemFacts;

  constructor(code: ProblemCode, detail: string, facts: ProblemFacts = {}, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
  }

  get kind(): ProblemKind {
    return problemKinds[this.code];
  }
}

/** What was thrown, in words, for a message: the message of an error, otherwise the thing as text. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
