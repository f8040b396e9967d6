import type { Case } from './junit.ts';

export type Plane = 'macvlan' | 'ptp';

/** A spec that can't pass on a data plane, or on the tests' cluster, and why. */
export interface Exception {
  /** As `npm run conformance -- --list` prints it. */
  readonly spec: string;
  readonly planes: readonly Plane[];
  readonly reason: string;
}

/** What a spec's end means. */
export interface Judgement {
  readonly name: string;
  /** `excused`: it did not pass, and it is known why. */
  readonly state: 'passed' | 'failed' | 'excused';
  readonly seconds: number;
  /** Why it isn't passed. */
  readonly why: string;
  /** It is said to be impossible, and passed. */
  readonly isSurprise: boolean;
}

/**
 * Holds what was seen against what is known to be impossible. What is skipped counts as not passed: these specs skip
 * only where they find the cluster lacking.
 */
export function judge(cases: readonly Case[], exceptions: readonly Exception[], plane: Plane): Judgement[] {
  return cases.map(({ name, state, seconds, why }) => {
    const known = exceptions.find((each) => each.spec === name && each.planes.includes(plane));
    if (state === 'passed') {
      return { name, state, seconds, why: '', isSurprise: known !== undefined };
    }
    return known === undefined
      ? {
          name,
          state: 'failed',
          seconds,
          why,
          isSurprise: false,
        }
      : { name, state: 'excused', seconds, why: known.reason, isSurprise: false };
  });
}

/** Exceptions that name no spec: the specs were renamed, or somebody misspelt one. */
export function strangers(specs: readonly string[], exceptions: readonly Exception[]): string[] {
  return exceptions.map(({ spec }) => spec).filter((spec) => !specs.includes(spec));
}

/** `N passed, N failed, N skipped`, as all that runs tests here ends. */
export function sumOf(judgements: readonly Judgement[]): string {
  const count = (state: Judgement['state']) => judgements.filter((each) => each.state === state).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('excused')} skipped`;
}
