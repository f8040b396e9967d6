import fc from 'fast-check';
import { decide } from './decide.ts';
import { loadPolicy } from './load.ts';
import { fitsSomeNamespace } from './namespace-pattern.ts';
import type { Pod } from './pod.ts';
import { whyUnreachable } from './unreachable.ts';

const names = ['ci', 'ci-1', 'ci-a-1', 'shop', 'kube-system', 'realip-system', 'a'];
const pattern = fc.oneof(
  fc.constantFrom(...names, '*', 'ci*', 'ci-*', '*-1', 'c*1', '*-*', '**', 'ci-*-1', 'x y', 'a.b', '-*'),
  fc.string({ unit: fc.constantFrom('c', 'i', '-', '1', '*'), maxLength: 5, minLength: 1 }),
);
const texts = fc.dictionary(
  fc.constantFrom('x', 'y', 'realip.io/zone', 'realip.io/inject'),
  fc.constantFrom('', '1', '2', 'false', 'real'),
  { maxKeys: 2 },
);
const kind = fc.constantFrom('Job', 'StatefulSet', 'ReplicaSet', 'Deployment', 'DaemonSet', 'none');
const account = fc.oneof(
  fc.constantFrom('builder', 'b*', 'ci/builder', 'ci*/b*', '*/builder', 'ci/*', 'shop/builder', 'default'),
  fc.tuple(pattern, fc.constantFrom('builder', 'b*', '*')).map(([one, two]) => `${one}/${two}`),
);
const list = <T>(one: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(one, { maxLength: 3 }));
/** A condition on one of several things; an empty list is none that a policy may have. */
const anyOf = <T>(one: fc.Arbitrary<T>) => list(one).map((each) => (each.length === 0 ? undefined : each));
const mostlyEmpty = fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, texts);

const match = fc.record({
  namespaces: anyOf(pattern),
  namespaceLabels: mostlyEmpty,
  labels: mostlyEmpty,
  ownerKinds: anyOf(kind),
  serviceAccounts: anyOf(account),
});

const arrival = fc.record({
  pod: fc.record({
    metadata: fc.record({
      labels: fc.oneof(mostlyEmpty, fc.constant({ x: '1', y: '2', 'pod-template-hash': '7' })),
      ownerReferences: list(fc.record({ kind, controller: fc.boolean() })),
    }),
    spec: fc.record({ serviceAccountName: fc.constantFrom('builder', 'b', 'default', '') }),
  }) as fc.Arbitrary<Pod>,
  namespace: fc.oneof(
    fc.constantFrom(...names),
    fc
      .string({ unit: fc.constantFrom('c', 'i', '-', '1'), maxLength: 5, minLength: 1 })
      .filter((name) => !/^-|-$/.test(name)),
  ),
  namespaceLabels: fc.oneof(mostlyEmpty, fc.constant(null)),
});

test('a rule that is called unreachable decides over no pod', () => {
  let told = 0;
  fc.assert(
    fc.property(
      fc.array(match, { minLength: 1, maxLength: 5 }),
      fc.array(arrival, { minLength: 20, maxLength: 40 }),
      (matches, arrivals) => {
        const rules = matches.map((each, index) => ({ name: `r${index}`, match: each, zone: 'real' }));
        const loaded = loadPolicy(
          JSON.stringify({ zones: { real: { type: 'macvlan' } }, rules, default: 'none' }),
        );
        if (!loaded.ok) {
          throw new Error(JSON.stringify(loaded.errors));
        }
        const { policy } = loaded;
        const unreachable = policy.rules
          .filter((_, index) => whyUnreachable(policy.rules, index) !== null)
          .map(({ name }) => name);
        told += unreachable.length;
        for (const each of arrivals) {
          const decision = deciderOf(each);
          expect(unreachable).not.toContain(decision);
        }

        function deciderOf(each: (typeof arrivals)[number]): string {
          try {
            const decision = decide(policy, each);
            return decision.kind === 'placed' ? decision.by : decision.because;
          } catch {
            // An unknown zone: decided before the rules.
            return 'pod';
          }
        }
      },
    ),
    { numRuns: 800 },
  );
  expect(told).toBeGreaterThan(100);
});

test('a pattern is called hopeless only when no namespace fits it', () => {
  for (const fitting of ['*', '**', 'kube-*', '*-x', 'a', '1*', `${'a'.repeat(63)}*`, '*-*']) {
    expect([fitting, fitsSomeNamespace(fitting)]).toEqual([fitting, true]);
  }
  for (const hopeless of [
    '',
    'kube-?',
    'a.b',
    'A*',
    '-*',
    '*-',
    'a b',
    'a'.repeat(64),
    `${'a'.repeat(64)}*`,
  ]) {
    expect([hopeless, fitsSomeNamespace(hopeless)]).toEqual([hopeless, false]);
  }
});
