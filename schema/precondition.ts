import { Type } from 'typebox';

/** Headers of an edit (RFC 9110 §13.1): it is done only to the object that they describe. */
export const EditConditions = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      description: 'ETags of which the object must have one, or `*`: it must exist. Otherwise 412.',
      examples: ['"42"'],
    }),
  ),
  'if-none-match': Type.Optional(
    Type.Literal('*', { description: 'The object must not exist yet. Otherwise 412.', examples: ['*'] }),
  ),
});
