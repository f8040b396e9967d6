import fc from 'fast-check';
import type { Node, Requirement, Term } from '../scheduler/objects.ts';

/** Keys, values and names are few, so that wishes of different sides often meet. */
const keys = ['a', 'b', 'realip.io/room'] as const;
const constants = ['0', '3', '5', '05', 'x', ''] as const;
const names = ['n1', 'n2'] as const;

/**
 * Every value of a label that some set of requirements on the constants could tell from the others: all of them, the
 * numbers between and beyond, one that nobody names, and absence.
 */
const labelValues = [undefined, ...constants, '1', '4', '6', 'other'] as const;

/** Absent, null, or one of the values: what Go, kubectl and people send. */
export function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> {
  return fc.oneof({ weight: 3, arbitrary: value }, fc.constant(null), fc.constant(undefined));
}

const key = fc.constantFrom(...keys);
const value = fc.constantFrom(...constants);
const number = fc.constantFrom('0', '3', '5');

/** A requirement that Kubernetes can read. */
export const requirement: fc.Arbitrary<Requirement & { key: string; operator: string }> = fc.oneof(
  fc.record({
    key,
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(value, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
  fc.record({ key, operator: fc.constantFrom('Gt', 'Lt'), values: fc.tuple(number) }),
);

/** One that it refuses, or that no node meets. */
const unreadable: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record({ key, operator: fc.constantFrom('Gt', 'Lt'), values: fc.constant(['x']) }),
  fc.record({ key, operator: fc.constantFrom('In', 'NotIn', 'Gt'), values: maybe(fc.constant([])) }),
  fc.record({ key, operator: fc.constant('Exists'), values: fc.constant(['x']) }),
  fc.record({ key: maybe(key), operator: fc.constantFrom('Near', null), values: fc.constant(['x']) }),
);

const field: fc.Arbitrary<Requirement> = fc.record({
  key: fc.constant('metadata.name'),
  operator: fc.constantFrom('In', 'NotIn'),
  values: fc.tuple(fc.constantFrom(...names)),
});

/** A term of a required node affinity; `strange` ones have requirements that can't be read. */
export function term(isStrange: boolean): fc.Arbitrary<Term> {
  const expressions = isStrange
    ? fc.oneof({ weight: 9, arbitrary: requirement }, { weight: 1, arbitrary: unreadable })
    : requirement;
  return fc.record(
    {
      matchExpressions: maybe(fc.array(expressions, { maxLength: 3 })),
      matchFields: maybe(fc.array(field, { maxLength: 1 })),
    },
    { requiredKeys: [] },
  );
}

export const selector = fc.dictionary(key, value, { maxKeys: 2 });

const labels = fc.tuple(...keys.map(() => fc.constantFrom(...labelValues))).map((values) => labelled(values));

/** Nodes as an admin could have labelled and tainted them. */
export const node: fc.Arbitrary<Node> = fc.record({
  name: fc.constantFrom(...names),
  labels,
  taints: fc.array(
    fc.record({
      key: fc.constantFrom('zone', 'dedicated'),
      value: fc.constantFrom('real', ''),
      effect: fc.constantFrom('NoSchedule', 'NoExecute', 'PreferNoSchedule'),
    }),
    { maxLength: 2 },
  ),
  free: fc.record({ 'realip.io/ip': fc.constantFrom(0, 1, 2) }),
});

/** Every node that requirements and names can tell from another. */
export const everyNode: readonly Node[] = labelValues.flatMap((a) =>
  labelValues.flatMap((b) =>
    labelValues.flatMap((room) =>
      names.map((name) => ({ name, labels: labelled([a, b, room]), taints: [], free: {} })),
    ),
  ),
);

function labelled(values: readonly (string | undefined)[]): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((each, index) => {
      const found = values[index];
      return found === undefined ? [] : [[each, found]];
    }),
  );
}
