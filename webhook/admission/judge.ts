import { Problem } from '../../core/problem/problem.ts';
import { toPatch } from '../placement/patch.ts';
import { place } from '../placement/place.ts';
import type { Arrival } from '../policy/arrival.ts';
import { decide } from '../policy/decide.ts';
import { noZone } from '../policy/names.ts';
import type { Policy } from '../policy/policy.ts';
import type { Verdict } from './verdict.ts';

/** Judges a pod under a policy; what it throws as a Problem of status 403 is a denial. */
export type Judge = (policy: Policy, arrival: Arrival) => Verdict;

/** The same where others may have to be asked. */
export type Review = (policy: Policy, arrival: Arrival) => Verdict | Promise<Verdict>;

/** `/mutate`: the patch that brings the pod into its zone. */
export function mutate(policy: Policy, arrival: Arrival): Verdict {
  const decision = decide(policy, arrival);
  if (decision.kind === 'exempt') {
    return { kind: 'allowed', reason: decision.because };
  }
  const { zone, by } = decision;
  const patch = toPatch(arrival.pod, place(arrival.pod, zone, by));
  const reason = patch.length > 0 ? 'patched' : 'unchanged';
  return { kind: 'placed', reason, patch, zone: zone?.name ?? noZone, by };
}

/** Turns the denials that `judge` throws into verdicts; everything else is thrown on. */
export function judged(judge: Judge, policy: Policy, arrival: Arrival): Verdict {
  try {
    return judge(policy, arrival);
  } catch (error) {
    return denied(error);
  }
}

/** The verdict that a thrown denial is; everything else is thrown on. */
export function denied(error: unknown): Verdict {
  if (error instanceof Problem && error.kind.status === 403) {
    return { kind: 'denied', reason: error.code, problem: error };
  }
  throw error;
}
