import { explain, notANewPod } from '../explain/explanation.ts';
import type { Step } from '../explain/steps.ts';
import type { Policy } from '../policy/policy.ts';
import type { Case } from './load.ts';
import type { Miss } from './miss.ts';
import { missesOf } from './outcome.ts';

/** What became of one case. */
export interface CaseResult {
  readonly name: string;
  readonly line: number;
  readonly passed: boolean;
  readonly misses: readonly Miss[];
  /** Who was asked for the pod's zone. */
  readonly steps: readonly Step[];
}

/** The whole answer of `test -o json`. */
export interface CasesReport {
  readonly passed: number;
  readonly failed: number;
  readonly cases: readonly CaseResult[];
  /** Rules by which no case was decided; `default` stands for the policy's default. */
  readonly unreached: readonly string[];
}

/** Judges every case under a policy. */
export function runCases(policy: Policy, cases: readonly Case[]): CasesReport {
  const reached = new Set<string>();
  const results = cases.map(({ name, line, subject, expect }) => {
    const { pod, namespace, namespaceLabels } = subject;
    const told = pod === null ? notANewPod : explain(policy, { pod, namespace, namespaceLabels });
    const decided = told.steps.find(({ decides }) => decides);
    reached.add(decided?.rule ?? decided?.asked ?? '');
    const misses = missesOf(expect, pod, told, policy);
    return { name, line, passed: misses.length === 0, misses, steps: told.steps };
  });
  const failed = results.filter(({ passed }) => !passed).length;
  const deciders = [...policy.rules.map(({ name }) => name), 'default'];
  return {
    passed: results.length - failed,
    failed,
    cases: results,
    unreached: deciders.filter((each) => !reached.has(each)),
  };
}
