import Type, { type Static } from 'typebox';
import { anyKey, closed, dnsShape, texts } from '../policy/schema.ts';

const anything = Type.Record(anyKey, Type.Unknown());

/** A pod in short: only what a policy looks at, `spec` for the rest; or a whole Pod, with `metadata`. */
const casePod = closed({
  apiVersion: Type.Optional(Type.Enum(['v1'])),
  kind: Type.Optional(Type.Enum(['Pod'])),
  metadata: Type.Optional(anything),
  namespace: Type.Optional(Type.String()),
  namespaceLabels: Type.Optional(texts),
  labels: Type.Optional(texts),
  annotations: Type.Optional(texts),
  /** The kind of its controller; without it, and with `none`, the pod is a bare one. */
  ownerKind: Type.Optional(Type.String()),
  serviceAccount: Type.Optional(Type.String()),
  spec: Type.Optional(anything),
});

const toleration = closed({
  key: Type.Optional(Type.String()),
  operator: Type.Optional(Type.Enum(['Equal', 'Exists'])),
  value: Type.Optional(Type.String()),
  effect: Type.Optional(Type.Enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])),
});

/** What must be true of the answer; what isn't named may be anything. */
const expectation = closed({
  zone: Type.Optional(Type.String()),
  by: Type.Optional(Type.String()),
  /** An error code, or a part of the message. */
  denied: Type.Optional(Type.String()),
  exempt: Type.Optional(
    Type.Enum(['host-network', 'mirror', 'daemonset', 'bound', 'opted-out', 'own-namespace']),
  ),
  /** These are on the pod afterwards. */
  nodeSelector: Type.Optional(texts),
  tolerations: Type.Optional(Type.Array(toleration)),
  /** Whether it asks for `realip.io/ip` afterwards. */
  ipResource: Type.Optional(Type.Boolean()),
  dns: Type.Optional(dnsShape),
});

const testCase = closed({
  name: Type.String(),
  pod: Type.Optional(casePod),
  /** A workload in place of `pod`. */
  object: Type.Optional(anything),
  /** Of the object's namespace. */
  namespaceLabels: Type.Optional(texts),
  expect: expectation,
});

/** The file of cases. */
export const casesFile = closed({ cases: Type.Array(testCase) });

export type CasesFile = Static<typeof casesFile>;
export type CasePod = Static<typeof casePod>;
export type Expectation = Static<typeof expectation>;
