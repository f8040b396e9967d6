import { type Static, Type } from 'typebox';

const role = Type.String({
  pattern: '^(admin|viewer|node:[a-z0-9]([-a-z0-9.]*[a-z0-9])?)$',
  description: 'admin, viewer or node:<name>',
});

const name = Type.Optional(
  Type.String({ maxLength: 253, pattern: '^[^\\x00-\\x1f]+$', description: 'who has it, for audit and log' }),
);

/** The file of --tokens: who may call, by bearer token or its SHA-256 in hexadecimal. */
export const TokenFile = Type.Object(
  {
    tokens: Type.Array(
      Type.Union([
        Type.Object(
          { token: Type.String({ maxLength: 4096, pattern: '^[!-~]+$' }), role, name },
          { additionalProperties: false },
        ),
        Type.Object(
          { tokenSha256: Type.String({ pattern: '^[0-9a-fA-F]{64}$' }), role, name },
          { additionalProperties: false },
        ),
      ]),
      { minItems: 1 },
    ),
  },
  { additionalProperties: false },
);
export type TokenFile = Static<typeof TokenFile>;
