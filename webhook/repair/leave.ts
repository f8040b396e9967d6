import { fitsGlob } from '../../core/match/glob.ts';
import type { Repair } from '../policy/policy.ts';
import type { Finding } from './standing.ts';
import type { StoredPod } from './stored-pod.ts';

/** Why a pod is left where it is, for good or (`too-young`) for a while. */
export type Leave =
  | 'not-asked'
  | 'namespace'
  | 'outdated'
  | 'refused'
  | 'bare'
  | 'job'
  | 'volumes'
  | 'too-young';

/**
 * The first reason not to evict a pod that is found misplaced, or null. Evicting must bring the pod back, rightly
 * placed: one without a controller would be lost, a Job's would count as a failure of the Job, one with volumes may
 * not start on another node.
 *
 * @param now milliseconds since 1970
 */
export function leaveOf(stored: StoredPod, finding: Finding, repair: Repair, now: number): Leave | null {
  if (finding.flaws.includes('outdated')) {
    return 'outdated';
  }
  if (!finding.flaws.some((flaw) => repair.evict.some((asked) => asked === flaw))) {
    return 'not-asked';
  }
  if (!repair.namespaces.some((pattern) => fitsGlob(stored.namespace, pattern))) {
    return 'namespace';
  }
  if (finding.refusal !== null) {
    return 'refused';
  }
  if (stored.controller === null) {
    return 'bare';
  }
  if (stored.controller.kind === 'Job') {
    return 'job';
  }
  if (stored.hasClaims) {
    return 'volumes';
  }
  return now - stored.created < repair.afterMs ? 'too-young' : null;
}
