import fc from 'fast-check';
import { mutate } from '../../webhook/admission/judge.ts';
import type { AddOperation } from '../../webhook/placement/patch.ts';
import { loadPolicy } from '../../webhook/policy/load.ts';
import type { Pod } from '../../webhook/policy/pod.ts';
import { applyPatch } from './json-patch.ts';

const loaded = loadPolicy(
  `zones:
  overlay: {type: overlay, nodeSelector: {realip.io/zone: overlay}}
  real:
    type: macvlan
    nodeSelector: {realip.io/zone-type: macvlan, a.b/c: d}
    tolerations:
      - {key: realip.io/zone-type, value: macvlan, effect: NoSchedule}
      - {key: dedicated, operator: Exists}
      - {key: dedicated, operator: Exists}
    ipResource: true
    dns: {policy: company, nameservers: [10.0.0.1, 10.0.0.2], search: [corp.example]}
rules:
  - {name: dns, match: {namespaces: [kube-system], labels: {k8s-app: kube-dns}}, zone: overlay}
  - {name: system, match: {namespaces: ["kube-*"]}, zone: none}
default: real
`,
);

/** Absent, null, or one of the values: what Go, kubectl and people send. */
function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> {
  return fc.oneof({ weight: 3, arbitrary: value }, fc.constant(null), fc.constant(undefined));
}

const word = fc.constantFrom('a', 'b', 'realip.io/zone-type', 'k8s-app', '~/');
const texts = maybe(fc.dictionary(word, fc.constantFrom('', 'macvlan', 'kube-dns', 'x'), { maxKeys: 3 }));
const toleration = fc.record({
  key: maybe(fc.constantFrom('realip.io/zone-type', 'dedicated', 'other')),
  operator: maybe(fc.constantFrom('Equal', 'Exists')),
  value: maybe(fc.constantFrom('macvlan', '')),
  effect: maybe(fc.constantFrom('NoSchedule', 'NoExecute')),
});
const quantities = maybe(
  fc.dictionary(fc.constantFrom('cpu', 'realip.io/ip'), fc.constant('1'), { maxKeys: 2 }),
);
const container = fc.record({ resources: maybe(fc.record({ requests: quantities, limits: quantities })) });
const addresses = maybe(fc.array(fc.constantFrom('10.0.0.1', '10.7.7.7', '10.8.8.8'), { maxLength: 3 }));

const arbitraryPod: fc.Arbitrary<unknown> = fc.record({
  metadata: maybe(fc.record({ labels: texts, annotations: texts })),
  spec: fc.record({
    nodeSelector: texts,
    tolerations: maybe(fc.array(toleration, { maxLength: 4 })),
    containers: maybe(fc.array(container, { maxLength: 3 })),
    initContainers: maybe(fc.array(container, { maxLength: 2 })),
    dnsPolicy: maybe(fc.constantFrom('ClusterFirst', 'None', 'Default', '')),
    dnsConfig: maybe(fc.record({ nameservers: addresses, searches: addresses })),
    affinity: maybe(fc.constant({ nodeAffinity: {} })),
  }),
});

/** The pod as JSON carries it: without what is undefined. */
const pods = arbitraryPod.map((pod) => JSON.parse(JSON.stringify(pod)) as Pod);
const namespaces = fc.constantFrom('shop', 'kube-system', 'kube-public');

/** The patch for a pod, or null where it is denied (a selector of its own that contradicts). */
function patchFor(pod: Pod, namespace: string): readonly AddOperation[] | null {
  if (!loaded.ok) {
    throw new Error(JSON.stringify(loaded.errors));
  }
  try {
    const verdict = mutate(loaded.policy, { pod, namespace, namespaceLabels: null });
    return verdict.kind === 'placed' ? verdict.patch : [];
  } catch {
    return null;
  }
}

test('a patch applies strictly, and the patched pod needs no other', () => {
  let patched = 0;
  fc.assert(
    fc.property(pods, namespaces, (pod, namespace) => {
      const patch = patchFor(pod, namespace);
      if (patch !== null) {
        const after = applyPatch(pod, patch) as Pod;
        expect(patchFor(after, namespace)).toEqual([]);
        patched++;
      }
    }),
    { numRuns: 2000 },
  );
  expect(patched).toBeGreaterThan(500);
});

test('what the author wrote stays, in its order', () => {
  fc.assert(
    fc.property(pods, namespaces, (pod, namespace) => {
      const after = applyPatch(pod, patchFor(pod, namespace) ?? []) as Pod;
      expect(after.spec).toMatchObject({
        ...(pod.spec.nodeSelector && { nodeSelector: pod.spec.nodeSelector }),
      });
      const own = pod.spec.tolerations ?? [];
      expect((after.spec.tolerations ?? []).slice(0, own.length)).toEqual(own);
      const servers = pod.spec.dnsConfig?.nameservers ?? [];
      expect(after.spec.dnsConfig?.nameservers ?? []).toEqual(expect.arrayContaining(servers));
      expect((after.spec.dnsConfig?.nameservers ?? []).length).toBeLessThanOrEqual(
        Math.max(3, servers.length),
      );
    }),
    { numRuns: 500 },
  );
});
