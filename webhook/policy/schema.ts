import Type, { type TProperties } from 'typebox';

/** An object without other fields than these. */
export function closed<T extends TProperties>(properties: T) {
  return Type.Object(properties, { additionalProperties: false });
}

/** typebox's own pattern for keys ends at a line break, and what stands under such a key goes unchecked. */
export const anyKey = Type.String({ pattern: '[\\s\\S]*' });
export const texts = Type.Record(anyKey, Type.String());
const list = Type.Array(Type.String());

export const tolerationShape = closed({
  key: Type.Optional(Type.String()),
  operator: Type.Optional(Type.Enum(['Equal', 'Exists'])),
  value: Type.Optional(Type.String()),
  effect: Type.Optional(Type.Enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])),
  tolerationSeconds: Type.Optional(Type.Integer()),
});

/** A NodeSelectorRequirement of Kubernetes. */
export const requirementShape = closed({
  key: Type.String(),
  operator: Type.Enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']),
  values: Type.Optional(list),
});

export const dnsShape = closed({
  policy: Type.Enum(['keep', 'company']),
  nameservers: Type.Optional(list),
  search: Type.Optional(list),
});

/** What a zone gives its pods; a rule may say otherwise for those that it matches. */
const settings = {
  ipResource: Type.Optional(Type.Boolean()),
  dns: Type.Optional(dnsShape),
  fixedAddresses: Type.Optional(Type.Enum(['allowed', 'denied'])),
};

const zone = closed({
  within: Type.Optional(Type.String()),
  /** Needed unless the zone is within another. */
  type: Type.Optional(Type.Enum(['overlay', 'macvlan'])),
  nodeSelector: Type.Optional(texts),
  matchExpressions: Type.Optional(Type.Array(requirementShape)),
  tolerations: Type.Optional(Type.Array(tolerationShape)),
  ...settings,
});

const rule = closed({
  name: Type.String(),
  match: Type.Optional(
    closed({
      namespaces: Type.Optional(list),
      namespaceLabels: Type.Optional(texts),
      labels: Type.Optional(texts),
      ownerKinds: Type.Optional(list),
      serviceAccounts: Type.Optional(list),
    }),
  ),
  zone: Type.String(),
  ...settings,
});

const repair = closed({
  evict: Type.Optional(Type.Array(Type.Enum(['unplaced', 'wrong-zone']))),
  namespaces: Type.Optional(list),
  after: Type.Optional(Type.String({ examples: ['30s', '5m', '1h30m'] })),
});

/** The policy file: the one list of its fields. What they mean together is checked in `meaning.ts`. */
export const policyFile = closed({
  zones: Type.Record(anyKey, zone),
  rules: Type.Optional(Type.Array(rule)),
  default: Type.Optional(Type.String()),
  repair: Type.Optional(repair),
});
