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
    attachment: Type.Optional(
      Type.String({
        description:
          'With ADDRESS_COOLING: `network/containerId/ifname` of the one after whom the address rests.',
      }),
    ),
  },
  {
    title: 'Problem',
    description:
      'RFC 9457, with a code of docs/errors.md; facts such as the `field` at fault are members too.',
    additionalProperties: true,
    examples: [
      {
        type: 'urn:realip:problem:RANGE_EXHAUSTED',
        title: 'No address is free for this request.',
        status: 409,
        detail: 'no range of zone real has a free IPv4 address for node n1',
        code: 'RANGE_EXHAUSTED',
      },
    ],
  },
);
export type ProblemAnswer = Static<typeof ProblemAnswer>;
