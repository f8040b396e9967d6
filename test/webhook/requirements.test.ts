import { canMeet, readRequirement } from '../../webhook/placement/requirement.ts';
import type { PodRequirement } from '../../webhook/policy/pod.ts';
import { fitsAll } from './scheduler/node-affinity.ts';

const key = 'k';
const lists = [['0'], ['5'], ['x'], ['4', 'x'], ['1', '4'], ['']];
const every: PodRequirement[] = [
  ...lists.flatMap((values) => ['In', 'NotIn'].map((operator) => ({ key, operator, values }))),
  ...['Exists', 'DoesNotExist'].map((operator) => ({ key, operator })),
  ...['0', '3', '5'].flatMap((bound) => ['Gt', 'Lt'].map((operator) => ({ key, operator, values: [bound] }))),
];

/** All that these can tell from each other; zeros in front make further labels of a number. */
const labels = [undefined, '0', '5', 'x', '4', '1', '', '04', '01', '05', '6', 'other'];

/** Whether any label, or none, meets them all by the scheduler's rules. */
function isMet(requirements: readonly PodRequirement[]): boolean {
  return labels.some((value) =>
    fitsAll(requirements, {
      name: 'n',
      labels: value === undefined ? {} : { [key]: value },
      taints: [],
      free: {},
    }),
  );
}

test('three requirements on one label can be met if and only if some label meets them', () => {
  const wrong: PodRequirement[][] = [];
  for (const first of every) {
    for (const second of every) {
      for (const third of every) {
        const all = [first, second, third];
        if (canMeet(all.flatMap((each) => readRequirement(each) ?? [])) !== isMet(all)) {
          wrong.push(all);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
});

test.each([
  ['Gt', '9223372036854775807', false],
  ['Gt', '9223372036854775806', true],
  ['Lt', '1', true],
  ['Lt', '0', false],
])('a label is a number of 64 bits without a sign: %s %s', (operator, bound, expected) => {
  expect(canMeet([{ key, operator: operator as 'Gt' | 'Lt', values: [bound] }])).toBe(expected);
});

test.each<PodRequirement>([
  { key, operator: 'In', values: [] },
  { key, operator: 'Exists', values: ['x'] },
  { key, operator: 'Gt', values: ['x'] },
  { key, operator: 'Gt', values: ['1', '2'] },
  { key, operator: 'In', values: ['-1'] },
  { key, operator: 'Near', values: ['1'] },
  { operator: 'Exists' },
])('%j is not understood, so nothing is concluded from it', (requirement) => {
  expect(readRequirement(requirement)).toBeNull();
});
