import { Problem } from '../../core/problem/problem.ts';
import { type Pod, textAt } from '../policy/pod.ts';
import type { Zone } from '../policy/policy.ts';
import type { Change } from './change.ts';

/**
 * The zone's node labels for `spec.nodeSelector`, as far as the pod does not ask for them already.
 *
 * @throws Problem POD_ZONE_CONTRADICTION when the pod wants another value: overwriting it would hide the
 * contradiction from its author, leaving it would leave the pod Pending.
 */
export function selectorChanges(pod: Pod, zone: Zone): Change[] {
  const changes: Change[] = [];
  for (const [key, wanted] of Object.entries(zone.nodeSelector)) {
    const own = textAt(pod.spec.nodeSelector, key);
    if (own === undefined) {
      changes.push({ path: ['spec', 'nodeSelector', key], value: wanted });
    } else if (own !== wanted) {
      throw new Problem(
        'POD_ZONE_CONTRADICTION',
        `the pod's nodeSelector wants ${key}="${own}", but its zone "${zone.name}" has ${key}="${wanted}"`,
        { key, pod: own, zone: zone.name, wanted },
      );
    }
  }
  return changes;
}
