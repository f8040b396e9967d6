import fc from 'fast-check';
import { mutate } from '../../webhook/admission/judge.ts';
import { Reviewer } from '../../webhook/admission/reviewer.ts';
import { validate } from '../../webhook/admission/validate.ts';
import { applied } from '../../webhook/explain/apply.ts';
import { explain } from '../../webhook/explain/explanation.ts';
import { loadPolicy } from '../../webhook/policy/load.ts';
import type { Pod, Texts } from '../../webhook/policy/pod.ts';
import { review } from './call.ts';
import { applyPatch } from './json-patch.ts';

const loaded = loadPolicy(
  `zones:
  overlay: {type: overlay, nodeSelector: {realip.io/zone: overlay}}
  real:
    type: macvlan
    nodeSelector: {realip.io/zone-type: macvlan, a.b/c: d}
    tolerations: [{key: realip.io/zone-type, value: macvlan, effect: NoSchedule}, {key: dedicated, operator: Exists}]
    ipResource: true
    dns: {policy: company, nameservers: [10.0.0.1, 10.0.0.2], search: [corp.example]}
  room: {within: real, matchExpressions: [{key: rack, operator: NotIn, values: [old]}], fixedAddresses: denied}
rules:
  - {name: dns, match: {namespaces: [kube-system], labels: {k8s-app: kube-dns}}, zone: overlay}
  - {name: team, match: {namespaceLabels: {team: a}, ownerKinds: [Job, none]}, zone: room}
  - {name: builder, match: {serviceAccounts: ["shop/build*"]}, zone: overlay, dns: {policy: keep}}
  - {name: system, match: {namespaces: ["kube-*"]}, zone: none}
default: real
`,
);

/** Absent, null, or one of the values: what Go, kubectl and people send. */
function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> {
  return fc.oneof({ weight: 3, arbitrary: value }, fc.constant(null), fc.constant(undefined));
}

const keys = fc.constantFrom(
  'k8s-app',
  'realip.io/zone',
  'realip.io/inject',
  'realip.io/addresses',
  '~/',
  '__proto__',
);
const values = fc.constantFrom(
  '',
  'kube-dns',
  'real',
  'overlay',
  'none',
  'moon',
  'false',
  '10.9.1.7',
  '10.9.1.07',
);
const texts = maybe(fc.dictionary(keys, values, { maxKeys: 3 }));
const quantities = maybe(
  fc.dictionary(fc.constantFrom('cpu', 'realip.io/ip'), fc.constant('1'), { maxKeys: 2 }),
);
const containers = maybe(
  fc.array(fc.record({ resources: maybe(fc.record({ requests: quantities, limits: quantities })) }), {
    maxLength: 2,
  }),
);
const owners = fc.constantFrom('Job', 'ReplicaSet', 'DaemonSet');
const rarely = fc.oneof(
  { weight: 9, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant(true) },
);

const pods = fc
  .record({
    metadata: maybe(
      fc.record({
        labels: texts,
        annotations: texts,
        ownerReferences: maybe(
          fc.array(fc.record({ kind: owners, controller: fc.boolean() }), { maxLength: 1 }),
        ),
      }),
    ),
    spec: fc.record({
      hostNetwork: rarely,
      nodeName: rarely.map((yes) => (yes ? 'n1' : undefined)),
      serviceAccountName: maybe(fc.constantFrom('builder', 'web')),
      nodeSelector: maybe(
        fc.dictionary(fc.constantFrom('realip.io/zone-type', 'disk'), fc.constantFrom('macvlan', 'x')),
      ),
      tolerations: maybe(fc.constantFrom([], [{ key: 'dedicated', operator: 'Exists' }])),
      affinity: maybe(
        fc.constantFrom(
          {},
          { nodeAffinity: null },
          { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
        ),
      ),
      containers,
      initContainers: containers,
      dnsPolicy: maybe(fc.constantFrom('ClusterFirst', 'None')),
      dnsConfig: maybe(fc.record({ nameservers: maybe(fc.constantFrom([], ['10.0.0.1'], ['10.7.7.7'])) })),
    }),
  })
  .map((pod) => JSON.parse(JSON.stringify(pod)) as Pod);
const namespaces = fc.constantFrom('shop', 'kube-system', 'kube-public', 'realip-system');
const namespaceLabels = fc.constantFrom<(Texts | null)[]>(
  null,
  {},
  { team: 'a' },
  { 'realip.io/zone': 'overlay' },
);

interface Response {
  readonly allowed: boolean;
  readonly patch?: string;
  readonly status?: { readonly message: string };
  readonly auditAnnotations?: { readonly zone: string; readonly 'placed-by': string };
}

test('what is explained is what /mutate and /validate answer for the same pod', async () => {
  if (!loaded.ok) {
    throw new Error(JSON.stringify(loaded.errors));
  }
  const { policy } = loaded;
  const seen = { placed: 0, exempt: 0, denied: 0, 'not-a-new-pod': 0 };
  await fc.assert(
    fc.asyncProperty(pods, namespaces, namespaceLabels, async (pod, namespace, labels) => {
      const told = explain(policy, { pod, namespace, namespaceLabels: labels });
      const ask = async (judge: typeof mutate, object: unknown): Promise<Response> => {
        const reviewer = new Reviewer(judge, () => policy, { of: () => Promise.resolve(labels) });
        const { body } = await reviewer.review(Buffer.from(review(object, { namespace })));
        return (JSON.parse(body) as { response: Response }).response;
      };
      const mutated = await ask(mutate, pod);
      const { patch = '' } = mutated;
      expect(told.patch).toEqual(patch === '' ? [] : JSON.parse(Buffer.from(patch, 'base64').toString()));
      const after = applyPatch(pod, told.patch);
      expect(applied(pod, told.patch)).toEqual(after);
      expect(told.diff.length > 0).toBe(told.patch.length > 0);

      const validated = mutated.allowed ? await ask(validate, after) : mutated;
      expect(told.allowed).toBe(validated.allowed);
      expect(told.denial?.message).toBe(validated.status?.message);
      expect(told.zone).toBe(mutated.auditAnnotations?.zone);
      expect(told.placedBy).toBe(mutated.auditAnnotations?.['placed-by']);
      expect(told.steps.filter(({ decides }) => decides).length).toBeLessThanOrEqual(1);
      seen[told.outcome]++;
    }),
    { numRuns: 2000 },
  );
  expect(seen).toEqual({
    placed: expect.any(Number),
    exempt: expect.any(Number),
    denied: expect.any(Number),
    'not-a-new-pod': 0,
  });
  expect(Math.min(seen.placed, seen.exempt, seen.denied)).toBeGreaterThan(100);
});
