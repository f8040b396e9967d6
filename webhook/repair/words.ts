import { noZone } from '../policy/names.ts';
import type { Leave } from './leave.ts';
import type { OwnerWait } from './owners.ts';
import type { Finding, Flaw } from './standing.ts';
import type { StoredPod } from './stored-pod.ts';

/** An event on a pod, in the words of `kubectl describe`. */
export interface Notice {
  readonly type: 'Warning' | 'Normal';
  readonly reason: string;
  readonly message: string;
}

/** What is told of a misplaced pod: a notice for each of its flaws, none for a harmless one. */
export function noticesOf(stored: StoredPod, finding: Finding, leave: Leave | null): Notice[] {
  return finding.flaws.flatMap((flaw) => {
    const reason = reasons[flaw];
    return reason === null
      ? []
      : [
          {
            type: flaw === 'outdated' ? ('Normal' as const) : ('Warning' as const),
            reason,
            message: `${meaning(flaw, stored, finding)} ${cure(leave)}`,
          },
        ];
  });
}

const reasons: Record<Flaw, string | null> = {
  unplaced: 'Unplaced',
  'wrong-zone': 'WrongZone',
  outdated: 'Outdated',
  harmless: null,
};

function meaning(flaw: Flaw, { node }: StoredPod, { zone, by, refusal }: Finding): string {
  const name = `"${zone?.name ?? noZone}" (decided by ${by})`;
  const on = node === null ? 'has no node yet' : `is on node ${node}`;
  if (refusal !== null) {
    return `The realip webhook would refuse this pod today: ${refusal}.`;
  }
  switch (flaw) {
    case 'unplaced':
      return `The realip webhook did not see this pod at its creation, so nothing steered it to its zone ${name}; it ${on}.`;
    case 'wrong-zone':
      return `This pod ${on}, which is not of its zone ${name}.`;
    case 'outdated':
      return `This pod ${on}; by the policy and labels of today it belongs to the zone ${name}.`;
    case 'harmless':
      return '';
  }
}

/** What is to be done, by whom. */
function cure(leave: Leave | null): string {
  switch (leave) {
    case null:
    case 'too-young':
      return 'The policy lets realip evict it, as soon as that is safe; its controller then makes it anew, in its zone.';
    case 'bare':
      return 'It has no controller that would make it anew: delete it and create it again.';
    case 'job':
      return 'It belongs to a Job and is never evicted: it ends by itself, or delete it.';
    case 'volumes':
      return 'It has persistent volumes, which may be tied to its node, and is never evicted: delete it if they can follow.';
    case 'refused':
      return 'It is never evicted, because nothing would take its place: mend its labels and annotations first.';
    case 'outdated':
      return 'It is not evicted; `kubectl rollout restart` of its workload, or deleting it, moves it.';
    case 'not-asked':
    case 'namespace':
      return 'The policy does not let realip evict it: delete it when it suits, and its controller makes it anew, in its zone.';
  }
}

/** Why a pod that may be evicted is not, yet. */
export type Wait = OwnerWait | 'webhook-away' | 'refused' | 'no-room' | 'budget' | 'failed';

/** @param detail what the API server said, or '' */
export function waitNotice(wait: Wait, detail: string): Notice {
  const said = detail === '' ? '' : ` (${detail})`;
  return { type: 'Warning', reason: 'NotEvicted', message: `Not evicted yet: ${why(wait, said)}` };
}

function why(wait: Wait, said: string): string {
  switch (wait) {
    case 'recovering':
      return 'other pods of its controller are not ready; one after the other is moved.';
    case 'no-replacement':
      return 'its controller has not replaced the pod that was evicted before: see why it makes no pods.';
    case 'comes-back':
      return 'the replacement of the pod that was evicted before is misplaced as well: see that the API server calls the webhook for this namespace, and that the template names no node. The next policy ends the wait.';
    case 'webhook-away':
      return `a dry run shows that its replacement would slip through as well${said}: see that the API server calls the webhook for this namespace, and that all replicas have the same policy.`;
    case 'refused':
      return `a dry run shows that its replacement would be refused${said}.`;
    case 'no-room':
      return `its replacement would stay Pending${said}: see that nodes of its zone are ready, not cordoned, tolerated and have addresses.`;
    case 'budget':
      return `a PodDisruptionBudget forbids it now${said}; it is tried again.`;
    case 'failed':
      return `the API server would not${said}; it is tried again.`;
  }
}

export function evictedNotice({ stored, finding }: { stored: StoredPod; finding: Finding }): Notice {
  const zone = `"${finding.zone?.name ?? noZone}"`;
  const { kind, name } = stored.controller ?? { kind: 'its controller', name: '' };
  return {
    type: 'Normal',
    reason: 'Evicted',
    message: `Evicted by the realip webhook (${finding.flaws.join(', ')}): ${kind} ${name} makes it anew in its zone ${zone}.`,
  };
}
