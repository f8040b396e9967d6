import { type Static, Type } from 'typebox';

const nodeName = '[a-z0-9]([-a-z0-9.]*[a-z0-9])?';
const role = Type.String({
  pattern: `^(admin|viewer|node:${nodeName})$`,
  description: 'admin, viewer or node:<name>',
});

const name = Type.Optional(
  Type.String({ maxLength: 253, pattern: '^[^\\x00-\\x1f]+$', description: 'who has it, for audit and log' }),
);

/** Who may call by a bearer token that the file holds, as it is or as its SHA-256 in hexadecimal. */
const TokenEntry = Type.Union([
  Type.Object(
    { token: Type.String({ maxLength: 4096, pattern: '^[!-~]+$' }), role, name },
    { additionalProperties: false },
  ),
  Type.Object(
    { tokenSha256: Type.String({ pattern: '^[0-9a-fA-F]{64}$' }), role, name },
    { additionalProperties: false },
  ),
]);
export type TokenEntry = Static<typeof TokenEntry>;

/** Who may call by the token of a Kubernetes service account; with `node:*` the token itself says which node. */
const ServiceAccountEntry = Type.Object(
  {
    namespace: Type.String({ maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' }),
    name: Type.String({ maxLength: 253, pattern: `^${nodeName}$` }),
    role: Type.String({
      pattern: `^(admin|viewer|node:(\\*|${nodeName}))$`,
      description: 'admin, viewer, node:<name> or node:*',
    }),
  },
  { additionalProperties: false },
);
export type ServiceAccountEntry = Static<typeof ServiceAccountEntry>;

/** The file of --tokens. */
export const TokenFile = Type.Object(
  {
    tokens: Type.Optional(Type.Array(TokenEntry)),
    serviceAccounts: Type.Optional(Type.Array(ServiceAccountEntry)),
  },
  { additionalProperties: false },
);
export type TokenFile = Static<typeof TokenFile>;
