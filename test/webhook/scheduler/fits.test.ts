import { fits } from './fits.ts';
import type { Node, PodSpec, Term } from './objects.ts';

const node = (labels: Record<string, string> = {}, more: Partial<Node> = {}): Node => ({
  name: 'n1',
  labels,
  taints: [],
  free: { 'realip.io/ip': 1 },
  ...more,
});

const required = (...terms: (Term | null)[]): PodSpec => ({
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
  },
});
const expression = (operator: string, ...values: string[]): PodSpec =>
  required({ matchExpressions: [{ key: 'a', operator, values }] });

test.each<[string, PodSpec, Record<string, string>, boolean]>([
  ['a selector wants its label', { nodeSelector: { a: '1' } }, { a: '1' }, true],
  ['a selector is not met by another value', { nodeSelector: { a: '1' } }, { a: '2' }, false],
  ['an empty value is a value', { nodeSelector: { a: '' } }, {}, false],
  ['In needs the label', expression('In', '1', '2'), {}, false],
  ['In takes each of its values', expression('In', '1', '2'), { a: '2' }, true],
  ['NotIn takes the absent label', expression('NotIn', '1'), {}, true],
  ['NotIn refuses its values', expression('NotIn', '1'), { a: '1' }, false],
  ['Exists takes any value', expression('Exists'), { a: '' }, true],
  ['Exists refuses absence', expression('Exists'), {}, false],
  ['DoesNotExist takes absence', expression('DoesNotExist'), {}, true],
  ['DoesNotExist refuses an empty value', expression('DoesNotExist'), { a: '' }, false],
  ['Gt compares numbers, not texts', expression('Gt', '9'), { a: '10' }, true],
  ['Gt is not met by its own bound', expression('Gt', '9'), { a: '9' }, false],
  ['Lt takes leading zeros', expression('Lt', '9'), { a: '008' }, true],
  ['Lt is not met by a text', expression('Lt', '9'), { a: 'x' }, false],
  ['Lt is not met by absence', expression('Lt', '9'), {}, false],
  ['beyond 64 bits is no number', expression('Gt', '1'), { a: '9223372036854775808' }, false],
  ['Gt without a number matches nothing', expression('Gt', 'x'), { a: '5' }, false],
  ['In without values matches nothing', expression('In'), { a: '5' }, false],
  ['Exists with values matches nothing', expression('Exists', '5'), { a: '5' }, false],
  ['an unknown operator matches nothing', expression('Near', '5'), { a: '5' }, false],
  ['an empty term matches nothing', required({}), {}, false],
  ['a term of empty lists matches nothing', required({ matchExpressions: [], matchFields: null }), {}, false],
  ['no term matches nothing', required(), {}, false],
  ['no selector is no wish', { affinity: { nodeAffinity: {} } }, {}, true],
  ['null is no wish', { affinity: null, nodeSelector: null, tolerations: null }, {}, true],
])('%s', (_, spec, labels, expected) => {
  expect(fits(spec, node(labels))).toBe(expected);
});

test('terms are alternatives, and what stands in one counts together', () => {
  const a = { key: 'a', operator: 'Exists' };
  const b = { key: 'b', operator: 'Exists' };
  const either = required({ matchExpressions: [a] }, null, { matchExpressions: [b] });
  const both = required({ matchExpressions: [a, b] });
  expect([fits(either, node({ b: '' })), fits(both, node({ b: '' }))]).toEqual([true, false]);
  expect(fits({ ...either, nodeSelector: { c: '1' } }, node({ b: '' }))).toBe(false);
});

test('a term may name nodes by their names, one each', () => {
  const named = (operator: string, ...values: string[]) =>
    required({ matchFields: [{ key: 'metadata.name', operator, values }] });
  expect(fits(named('In', 'n1'), node())).toBe(true);
  expect(fits(named('In', 'n2'), node())).toBe(false);
  expect(fits(named('NotIn', 'n2'), node())).toBe(true);
  expect(fits(named('In', 'n1', 'n2'), node())).toBe(false);
});

test.each([
  ['NoSchedule keeps pods off', 'NoSchedule', [], false],
  ['NoExecute keeps pods off', 'NoExecute', [], false],
  ['PreferNoSchedule does not', 'PreferNoSchedule', [], true],
  ['Equal is the default operator', 'NoSchedule', [{ key: 'k', value: 'v' }], true],
  ['another value does not tolerate', 'NoSchedule', [{ key: 'k', value: 'w' }], false],
  ['Exists takes any value', 'NoSchedule', [{ key: 'k', operator: 'Exists' }], true],
  ['Exists without a key takes any taint', 'NoExecute', [{ operator: 'Exists' }], true],
  ['an empty effect is every effect', 'NoExecute', [{ key: 'k', operator: 'Exists', effect: '' }], true],
  [
    'another effect does not tolerate',
    'NoExecute',
    [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }],
    false,
  ],
])('%s', (_, effect, tolerations, expected) => {
  expect(fits({ tolerations }, node({}, { taints: [{ key: 'k', value: 'v', effect }] }))).toBe(expected);
});

test('a pod for which no address is left does not fit; init containers ask one after the other', () => {
  const one = { resources: { requests: { 'realip.io/ip': '1' }, limits: { 'realip.io/ip': '1' } } };
  const full = node({}, { free: { 'realip.io/ip': 0 } });
  expect(fits({ containers: [one] }, full)).toBe(false);
  expect(fits({ containers: [{}] }, full)).toBe(true);
  expect(fits({ containers: [one], initContainers: [one, one] }, node())).toBe(true);
  expect(fits({ containers: [one], initContainers: [{ ...one, restartPolicy: 'Always' }] }, node())).toBe(
    false,
  );
});
