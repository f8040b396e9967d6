import { type TSchema, Type } from 'typebox';

/** What a route answers when all goes well, by status; what may go wrong is in its `config.problems`. */
export function answers<Answers extends Record<number, TSchema>>(byStatus: Answers): Answers {
  return byStatus;
}

export const NoContent = Type.Null({ description: 'Done; also when there was nothing to do.' });
