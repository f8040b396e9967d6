import type { Decision, Moment } from './decision.ts';
import type { Ledger } from './state/ledger.ts';

/** A command: a pure function of the state and the moment. */
export type Decide<Answer> = (ledger: Ledger, moment: Moment) => Decision<Answer>;

/** Decides a command, or a part of one, and takes its writes in at once: what follows builds on it, in one commit. */
export type Each = <Answer>(decide: Decide<Answer>) => Answer;
