import { type TSchema, Type } from 'typebox';
import { ProblemAnswer } from '../../schema/problem.ts';

const problem = {
  description: 'What went wrong, with a code of docs/errors.md.',
  content: { 'application/problem+json': { schema: ProblemAnswer } },
};

/** The answers of a route by status; problems go with every one. */
export function answers<Answers extends Record<number, TSchema>>(byStatus: Answers) {
  return { ...byStatus, '4xx': problem, '5xx': problem };
}

export const NoContent = Type.Null({ description: 'Done; also when there was nothing to do.' });
