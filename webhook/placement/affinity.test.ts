import type { Pod, PodTerm } from '../policy/pod.ts';
import type { Zone } from '../policy/policy.ts';
import { place } from './place.ts';

const zone: Zone = {
  name: 'room-a',
  within: 'real',
  type: 'macvlan',
  nodeSelector: { 'realip.io/room': 'a' },
  matchExpressions: [
    { key: 'realip.io/rack', operator: 'NotIn', values: ['old', 'broken'] },
    { key: 'realip.io/speed', operator: 'Gt', values: ['9'] },
  ],
  tolerations: [],
  ipResource: false,
  dns: { policy: 'keep' },
  fixedAddresses: true,
};

function required(...nodeSelectorTerms: (PodTerm | null)[]): Pod {
  const affinity = {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
  };
  return { spec: { affinity } };
}

function added(pod: Pod): unknown[] {
  return place(pod, zone, 'rule')
    .filter(({ path }) => path[1] === 'affinity')
    .map(({ path, value }) => [path.slice(4).join('.'), value]);
}

function message(pod: Pod): string {
  try {
    place(pod, zone, 'rule');
  } catch (error) {
    return (error as Error).message;
  }
  return 'placed';
}

const expressions = [
  { key: 'realip.io/rack', operator: 'NotIn', values: ['old', 'broken'] },
  { key: 'realip.io/speed', operator: 'Gt', values: ['9'] },
];

test('a pod without required node affinity gets one term with the zone’s expressions', () => {
  const term = [['nodeSelectorTerms.-', { matchExpressions: expressions }]];
  expect(added({ spec: {} })).toEqual(term);
  expect(added({ spec: { affinity: { nodeAffinity: null } } })).toEqual(term);
});

test('each term with a condition gets them, behind its own; empty ones stay empty', () => {
  const named = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] };
  const own = { matchExpressions: [{ key: 'disk', operator: 'Exists' }] };
  expect(added(required(named, {}, null, own))).toEqual([
    ['nodeSelectorTerms.0.matchExpressions.-', expressions[0]],
    ['nodeSelectorTerms.0.matchExpressions.-', expressions[1]],
    ['nodeSelectorTerms.3.matchExpressions.-', expressions[0]],
    ['nodeSelectorTerms.3.matchExpressions.-', expressions[1]],
  ]);
  expect(added(required({}, { matchExpressions: [], matchFields: null }))).toEqual([]);
  expect(added(required())).toEqual([]);
});

test('an expression that is there already, with its values in any order, is not added again', () => {
  const rack = { key: 'realip.io/rack', operator: 'NotIn', values: ['broken', 'old'] };
  expect(added(required({ matchExpressions: [rack] }))).toEqual([
    ['nodeSelectorTerms.0.matchExpressions.-', expressions[1]],
  ]);
});

test.each([
  [
    'In without the value',
    { key: 'realip.io/room', operator: 'In', values: ['b', 'c'] },
    'realip.io/room In [a]',
  ],
  ['NotIn with it', { key: 'realip.io/room', operator: 'NotIn', values: ['a'] }, 'realip.io/room In [a]'],
  ['DoesNotExist', { key: 'realip.io/room', operator: 'DoesNotExist' }, 'realip.io/room In [a]'],
  ['a number below', { key: 'realip.io/speed', operator: 'Lt', values: ['10'] }, 'realip.io/speed Gt [9]'],
  [
    'only what is excluded',
    { key: 'realip.io/rack', operator: 'In', values: ['old'] },
    'realip.io/rack NotIn [old, broken]',
  ],
])('a term that wants %s is denied, naming both wishes and the zone', (_, wish, zones) => {
  const text = message(required({ matchExpressions: [wish] }));
  expect(text).toContain('zone "room-a"');
  expect(text).toContain(`wants ${wish.key} ${wish.operator}`);
  expect(text).toContain(zones);
});

test('a nodeSelector that an expression of the zone excludes is denied', () => {
  expect(message({ spec: { nodeSelector: { 'realip.io/rack': 'old' } } })).toMatch(
    /nodeSelector wants realip\.io\/rack In \[old\].*zone "room-a" wants realip\.io\/rack NotIn \[old, broken\]/,
  );
});

test('one term that some node can meet is enough; what contradicts itself is left to its author', () => {
  const wrong = { matchExpressions: [{ key: 'realip.io/room', operator: 'In', values: ['b'] }] };
  const right = { matchExpressions: [{ key: 'realip.io/speed', operator: 'Lt', values: ['11'] }] };
  const self = {
    matchExpressions: [
      { key: 'x', operator: 'Exists' },
      { key: 'x', operator: 'DoesNotExist' },
    ],
  };
  expect(message(required(wrong, right))).toBe('placed');
  expect(message(required(self))).toBe('placed');
  expect(message(required(self, wrong))).toContain('nodeSelectorTerms[1] wants');
});
