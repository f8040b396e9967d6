import { type Static, Type } from 'typebox';

/** Body of every error: application/problem+json (RFC 9457) with a code of the registry, docs/errors.md. */
export const ProblemAnswer = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ examples: ['RANGE_EXHAUSTED'] }),
    advice: Type.Optional(Type.String()),
  },
  { additionalProperties: true },
);
export type ProblemAnswer = Static<typeof ProblemAnswer>;
