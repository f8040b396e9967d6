import type { Pod, PodToleration } from '../policy/pod.ts';
import type { Zone } from '../policy/policy.ts';
import type { Change } from './change.ts';

/** The zone's tolerations that the pod does not have yet, added behind its own. */
export function tolerationChanges(pod: Pod, zone: Zone): Change[] {
  const known = new Set(pod.spec.tolerations?.map(identityOf));
  const changes: Change[] = [];
  for (const toleration of zone.tolerations) {
    const identity = identityOf(toleration);
    if (!known.has(identity)) {
      known.add(identity);
      changes.push({ path: ['spec', 'tolerations', '-'], value: { ...toleration } });
    }
  }
  return changes;
}

/** What makes two tolerations the same; an absent operator means Equal, other absent fields mean empty. */
function identityOf({ key, operator, value, effect }: PodToleration): string {
  return JSON.stringify([key ?? '', operator || 'Equal', value ?? '', effect ?? '']);
}
