import type { Problem } from '../../core/problem/problem.ts';
import { judged, mutate } from '../admission/judge.ts';
import { validate } from '../admission/validate.ts';
import { denialMessage } from '../admission/verdict.ts';
import type { AddOperation } from '../placement/patch.ts';
import type { Arrival } from '../policy/arrival.ts';
import { type Decision, decide } from '../policy/decide.ts';
import type { Exemption } from '../policy/exemption.ts';
import type { Policy } from '../policy/policy.ts';
import { applied } from './apply.ts';
import { differences, type Hunk } from './diff.ts';
import { type Step, stepsOf } from './steps.ts';

/** What the webhook answers for one pod, and why. This is the JSON of `explain -o json` and `POST /explain`. */
export interface Explanation {
  readonly outcome: 'placed' | 'exempt' | 'denied' | 'not-a-new-pod';
  /** Whether the pod is created. */
  readonly allowed: boolean;
  /** Where the pod belongs; `none`: wherever its author puts it. Absent where that was never answered. */
  readonly zone?: string;
  /** What `realip.io/placed-by` says then: a rule's name, `pod`, `namespace` or `default`. */
  readonly placedBy?: string;
  /** Why a pod is exempt. */
  readonly exemption?: Exemption;
  /** Why a pod is denied. */
  readonly denial?: Denial;
  /** Who was asked for the zone, in order, up to the one that decided. */
  readonly steps: readonly Step[];
  /** What `/mutate` answers, as RFC 6902; empty where it changes nothing. */
  readonly patch: readonly AddOperation[];
  /** The same as YAML. */
  readonly diff: readonly Hunk[];
}

export interface Denial {
  /** The webhook's call that denies: `/mutate`, or `/validate` once the pod is placed. */
  readonly by: '/mutate' | '/validate';
  readonly code: string;
  /** What the API server tells after `admission webhook "…" denied the request:`. */
  readonly message: string;
}

/** The answer to a request that creates no pod. */
export const notANewPod: Explanation = {
  outcome: 'not-a-new-pod',
  allowed: true,
  steps: [],
  patch: [],
  diff: [],
};

/** What `/mutate` answers for a pod, what `/validate` says to the outcome, and how both came to it. */
export function explain(policy: Policy, arrival: Arrival): Explanation {
  const decision = decisionOf(policy, arrival);
  if (decision?.kind === 'exempt') {
    const { because } = decision;
    return { outcome: 'exempt', allowed: true, exemption: because, steps: [], patch: [], diff: [] };
  }
  const steps = decision === null ? [] : stepsOf(decision, arrival);
  const verdict = judged(mutate, policy, arrival);
  if (verdict.kind === 'denied') {
    const denial = denialOf('/mutate', verdict.problem);
    return { outcome: 'denied', allowed: false, denial, steps, patch: [], diff: [] };
  }
  const patch = verdict.kind === 'placed' ? verdict.patch : [];
  // Only lists and mappings of the pod were added to: it is a Pod as before.
  const pod = applied(arrival.pod, patch) as Arrival['pod'];
  const checked = judged(validate, policy, { ...arrival, pod });
  const isDenied = checked.kind === 'denied';
  return {
    outcome: isDenied ? 'denied' : 'placed',
    allowed: !isDenied,
    ...(verdict.kind === 'placed' ? { zone: verdict.zone, placedBy: verdict.by } : {}),
    ...(isDenied ? { denial: denialOf('/validate', checked.problem) } : {}),
    steps,
    patch,
    diff: differences(arrival.pod, pod),
  };
}

/** The decision, or null where the zone's choice itself is what is denied. */
function decisionOf(policy: Policy, arrival: Arrival): Decision | null {
  try {
    return decide(policy, arrival);
  } catch {
    return null;
  }
}

function denialOf(by: Denial['by'], problem: Problem): Denial {
  return { by, code: problem.code, message: denialMessage(problem) };
}
