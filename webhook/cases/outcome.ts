import { isDeepStrictEqual } from 'node:util';
import { nearest } from '../../document/nearest.ts';
import { applied } from '../explain/apply.ts';
import type { Explanation } from '../explain/explanation.ts';
import { exemptionWords } from '../explain/words.ts';
import { noZone } from '../policy/names.ts';
import type { Pod } from '../policy/pod.ts';
import type { Policy } from '../policy/policy.ts';
import type { Miss } from './miss.ts';
import { podFaults } from './pod-faults.ts';
import type { Expectation } from './schema.ts';

/** What of the expectation isn't true of the answer. */
export function missesOf(expect: Expectation, pod: Pod | null, told: Explanation, policy: Policy): Miss[] {
  if (expect.denied !== undefined) {
    const { denial } = told;
    const isMet =
      denial !== undefined && (denial.code === expect.denied || denial.message.includes(expect.denied));
    return isMet ? [] : [{ field: 'denied', expected: expect.denied, got: shown(told) }];
  }
  if (expect.exempt !== undefined) {
    const isMet = told.exemption === expect.exempt;
    return isMet ? [] : [{ field: 'exempt', expected: expect.exempt, got: told.exemption ?? shown(told) }];
  }
  if (told.outcome !== 'placed' || pod === null) {
    return [
      { field: 'zone' in expect ? 'zone' : 'placed', expected: expect.zone ?? 'yes', got: shown(told) },
    ];
  }
  const zones = [...policy.zones.keys(), noZone];
  const deciders = [...policy.rules.map(({ name }) => name), 'pod', 'namespace', 'default'];
  return [
    ...name('zone', expect.zone, told.zone ?? '', zones),
    ...name('by', expect.by, told.placedBy ?? '', deciders),
    ...podFaults(expect, applied(pod, told.patch) as Pod, pod),
  ];
}

function name(field: string, expected: string | undefined, got: string, known: readonly string[]): Miss[] {
  if (expected === undefined || isDeepStrictEqual(expected, got)) {
    return [];
  }
  const near = known.includes(expected) ? undefined : nearest(expected, known);
  const hint = known.includes(expected)
    ? ''
    : ` (the policy has none of this name${near === undefined ? '' : `; did you mean "${near}"?`})`;
  return [{ field, expected: `${expected}${hint}`, got }];
}

function shown({ outcome, denial, exemption, zone, placedBy }: Explanation): string {
  switch (outcome) {
    case 'placed':
      return `placed in zone ${zone}, by ${placedBy}`;
    case 'denied':
      return `denied: ${denial?.message}`;
    case 'exempt':
      return `never touched: ${exemption === undefined ? '' : exemptionWords[exemption]}`;
    case 'not-a-new-pod':
      return 'no new pod';
  }
}
