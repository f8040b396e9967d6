import Type, { type Static, type TSchema } from 'typebox';

/** Go prints an absent field as null now and then; both mean absent. */
function field<T extends TSchema>(schema: T) {
  return Type.Optional(Type.Union([schema, Type.Null()]));
}

const texts = Type.Record(Type.String(), Type.String());
const quantities = Type.Record(Type.String(), Type.Unknown());

const container = Type.Object({
  resources: field(Type.Object({ requests: field(quantities), limits: field(quantities) })),
});

const podToleration = Type.Object({
  key: field(Type.String()),
  operator: field(Type.String()),
  value: field(Type.String()),
  effect: field(Type.String()),
});

const requirement = Type.Object({
  key: field(Type.String()),
  operator: field(Type.String()),
  values: field(Type.Array(Type.String())),
});

const term = Type.Object({
  matchExpressions: field(Type.Array(requirement)),
  matchFields: field(Type.Array(requirement)),
});

const nodeAffinity = Type.Object({
  requiredDuringSchedulingIgnoredDuringExecution: field(
    Type.Object({ nodeSelectorTerms: field(Type.Array(Type.Union([term, Type.Null()]))) }),
  ),
});

/** The part of a v1 Pod that the webhook reads; everything else passes by unseen. */
export const podSchema = Type.Object({
  metadata: field(
    Type.Object({
      name: field(Type.String()),
      namespace: field(Type.String()),
      labels: field(texts),
      annotations: field(texts),
      ownerReferences: field(
        Type.Array(
          Type.Object({
            kind: field(Type.String()),
            name: field(Type.String()),
            controller: field(Type.Boolean()),
          }),
        ),
      ),
    }),
  ),
  spec: Type.Object({
    hostNetwork: field(Type.Boolean()),
    nodeName: field(Type.String()),
    serviceAccountName: field(Type.String()),
    /** The same under its old name. */
    serviceAccount: field(Type.String()),
    nodeSelector: field(texts),
    affinity: field(Type.Object({ nodeAffinity: field(nodeAffinity) })),
    tolerations: field(Type.Array(podToleration)),
    containers: field(Type.Array(container)),
    initContainers: field(Type.Array(container)),
    dnsPolicy: field(Type.String()),
    dnsConfig: field(
      Type.Object({
        nameservers: field(Type.Array(Type.String())),
        searches: field(Type.Array(Type.String())),
      }),
    ),
  }),
});

export type Pod = Static<typeof podSchema>;
export type Container = Static<typeof container>;
export type PodRequirement = Static<typeof requirement>;
export type PodTerm = Static<typeof term>;
export type PodToleration = Static<typeof podToleration>;
export type Texts = Readonly<Record<string, string>>;

/** The value under `key`, or undefined; never one inherited from Object.prototype. */
export function textAt(texts: Texts | null | undefined, key: string): string | undefined {
  return texts !== null && texts !== undefined && Object.hasOwn(texts, key) ? texts[key] : undefined;
}
