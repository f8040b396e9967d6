import fc from 'fast-check';
import type { PodSpec, Term } from '../scheduler/objects.ts';
import { maybe, selector, term } from './requirement.ts';

/** A pod as far as these tests look at it. */
export interface AnyPod {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> | null } | null;
  readonly spec: PodSpec & { readonly dnsPolicy?: string | null };
}

const text = fc.constantFrom('', 'macvlan', 'x');
const texts = maybe(
  fc.dictionary(fc.constantFrom('a', 'b', '~/', 'realip.io/placed-by'), text, { maxKeys: 3 }),
);

const toleration = fc.record(
  {
    key: maybe(fc.constantFrom('zone', 'dedicated', 'other', '')),
    operator: maybe(fc.constantFrom('Equal', 'Exists', '')),
    value: maybe(fc.constantFrom('real', '')),
    effect: maybe(fc.constantFrom('NoSchedule', 'NoExecute', 'PreferNoSchedule', '')),
  },
  { requiredKeys: [] },
);

const quantities = maybe(
  fc.dictionary(fc.constantFrom('cpu', 'realip.io/ip'), fc.constant('1'), { maxKeys: 2 }),
);
const container = fc.record(
  { resources: maybe(fc.record({ requests: quantities, limits: quantities }, { requiredKeys: [] })) },
  { requiredKeys: [] },
);
const addresses = maybe(fc.array(fc.constantFrom('10.0.0.1', '10.7.7.7', '10.8.8.8'), { maxLength: 3 }));

/** Required node affinity with absent, null and empty parts at every depth. */
function affinity(isStrange: boolean) {
  const each = fc.oneof(
    { weight: 9, arbitrary: term(isStrange) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
  const terms = fc.oneof(
    { weight: 5, arbitrary: fc.array(each, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom([], null, undefined) },
  );
  return fc.record(
    {
      nodeAffinity: maybe(
        fc.record(
          {
            requiredDuringSchedulingIgnoredDuringExecution: maybe(
              fc.record({ nodeSelectorTerms: terms }, { requiredKeys: [] }),
            ),
            preferredDuringSchedulingIgnoredDuringExecution: fc.constantFrom(undefined, []),
          },
          { requiredKeys: [] },
        ),
      ),
      podAffinity: fc.constantFrom(undefined, null, {}),
    },
    { requiredKeys: [] },
  );
}

/**
 * Pods as JSON carries them: without what is undefined. Strange ones hold requirements that Kubernetes can't read or
 * that no node meets.
 */
export function pods({ isStrange }: { readonly isStrange: boolean }): fc.Arbitrary<AnyPod> {
  return fc
    .record(
      {
        metadata: maybe(fc.record({ labels: texts, annotations: texts }, { requiredKeys: [] })),
        spec: fc.record(
          {
            nodeSelector: maybe(selector),
            affinity: maybe(affinity(isStrange)),
            tolerations: maybe(fc.array(toleration, { maxLength: 3 })),
            containers: maybe(fc.array(container, { maxLength: 3 })),
            initContainers: maybe(fc.array(container, { maxLength: 2 })),
            dnsPolicy: maybe(fc.constantFrom('ClusterFirst', 'None', 'Default', '')),
            dnsConfig: maybe(
              fc.record({ nameservers: addresses, searches: addresses }, { requiredKeys: [] }),
            ),
          },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: ['spec'] },
    )
    .map((pod) => JSON.parse(JSON.stringify(pod)) as AnyPod);
}

type Spec = AnyPod['spec'];

/** What other webhooks do to a pod that is placed: they add, put in front, and take away what is not theirs. */
export const others: fc.Arbitrary<(pod: AnyPod) => AnyPod> = fc
  .tuple(selector, fc.option(term(true)), fc.option(toleration), fc.boolean(), fc.boolean(), fc.boolean())
  .map(([labels, another, tolerated, hasSidecar, isForgotten, isTrimmed]) => (pod) => {
    const { spec } = pod;
    const required =
      spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
    const changed: Spec = {
      ...spec,
      nodeSelector: { ...labels, ...spec.nodeSelector },
      ...(another === null ? {} : termsIn([another, ...required])),
      ...(tolerated === null ? {} : { tolerations: [tolerated, ...(spec.tolerations ?? [])] }),
      ...(hasSidecar ? { containers: [{}, ...(spec.containers ?? [])] } : {}),
      ...(isTrimmed ? { nodeSelector: null, tolerations: [] } : {}),
    };
    return JSON.parse(JSON.stringify({ ...(isForgotten ? {} : pod), spec: changed })) as AnyPod;
  });

function termsIn(nodeSelectorTerms: readonly (Term | null | undefined)[]): Pick<Spec, 'affinity'> {
  return {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  };
}
