import { placedByKey } from '../policy/names.ts';
import { type Pod, textAt } from '../policy/pod.ts';
import type { Zone } from '../policy/policy.ts';
import { affinityChanges } from './affinity.ts';
import type { Change } from './change.ts';
import { checkContradictions } from './contradiction.ts';
import { dnsChanges } from './dns.ts';
import { resourceChanges } from './resource.ts';
import { selectorChanges } from './selector.ts';
import { tolerationChanges } from './tolerations.ts';

/**
 * What must change for the pod to land in `zone` (null: nowhere in particular), and the note of who decided.
 * Nothing that the pod's author wrote is replaced, except a `realip.io/placed-by` of their own. A pod that
 * is placed already gets no change.
 *
 * @throws Problem POD_ZONE_CONTRADICTION
 */
export function place(pod: Pod, zone: Zone | null, by: string): Change[] {
  const changes = zone === null ? [] : changesFor(pod, zone);
  if (textAt(pod.metadata?.annotations, placedByKey) !== by) {
    changes.push({ path: ['metadata', 'annotations', placedByKey], value: by });
  }
  return changes;
}

function changesFor(pod: Pod, zone: Zone): Change[] {
  const selector = selectorChanges(pod, zone);
  checkContradictions(pod, zone);
  return [
    ...selector,
    ...affinityChanges(pod, zone),
    ...tolerationChanges(pod, zone),
    ...resourceChanges(pod, zone),
    ...dnsChanges(pod, zone),
  ];
}
