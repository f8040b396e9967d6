import Type, { type TProperties } from 'typebox';

/** An object without other fields than these. */
function closed<T extends TProperties>(properties: T) {
  return Type.Object(properties, { additionalProperties: false });
}

/** typebox's own pattern for keys ends at a line break, and what stands under such a key goes unchecked. */
const anyKey = Type.String({ pattern: '[\\s\\S]*' });
const texts = Type.Record(anyKey, Type.String());

export const tolerationShape = closed({
  key: Type.Optional(Type.String()),
  operator: Type.Optional(Type.Enum(['Equal', 'Exists'])),
  value: Type.Optional(Type.String()),
  effect: Type.Optional(Type.Enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])),
  tolerationSeconds: Type.Optional(Type.Integer()),
});

const zone = closed({
  type: Type.Enum(['overlay', 'macvlan']),
  nodeSelector: Type.Optional(texts),
  tolerations: Type.Optional(Type.Array(tolerationShape)),
  ipResource: Type.Optional(Type.Boolean()),
  dns: Type.Optional(
    closed({
      policy: Type.Enum(['keep', 'company']),
      nameservers: Type.Optional(Type.Array(Type.String())),
      search: Type.Optional(Type.Array(Type.String())),
    }),
  ),
});

const rule = closed({
  name: Type.String(),
  match: Type.Optional(
    closed({
      namespaces: Type.Optional(Type.Array(Type.String())),
      labels: Type.Optional(texts),
    }),
  ),
  zone: Type.String(),
});

/** The policy file: the one list of its fields. What they mean together is checked in `meaning.ts`. */
export const policyFile = closed({
  zones: Type.Record(anyKey, zone),
  rules: Type.Optional(Type.Array(rule)),
  default: Type.Optional(Type.String()),
});
