import type { Decision, Moment } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';

/** Decides a part of a command and takes its writes in at once, so that the next part builds on it; one commit. */
export type Step = <Answer>(decide: (ledger: Ledger, moment: Moment) => Decision<Answer>) => Answer;
