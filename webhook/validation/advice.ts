import { addressesKey } from '../../core/wanted-addresses.ts';
import { asksForNone } from '../placement/resource.ts';
import { injectKey, ipResource, noZone } from '../policy/names.ts';
import { type Pod, textAt } from '../policy/pod.ts';
import type { Zone } from '../policy/policy.ts';
import { type Applicant, applicantOf } from './applicant.ts';
import { onKeys } from './keys.ts';
import type { Wishes } from './wishes.ts';

/** What is let pass, but hardly meant: a text for each. */
export function adviceOn(pod: Pod, namespace: string, wishes: Wishes, zone: Zone | null): string[] {
  return [
    ...onKeys(pod),
    ...onInject(pod),
    ...onKeeping(wishes),
    ...onZone(wishes, zone),
    ...onResource(pod, zone),
    ...(wishes.addresses.length > 0 && isReal(zone) ? onSharing(applicantOf({ pod, namespace })) : []),
  ];
}

/** Whether pods of a zone get addresses of the ledger. */
export function isReal(zone: Zone | null): boolean {
  return zone?.type === 'macvlan';
}

function onInject({ metadata }: Pod): string[] {
  return [textAt(metadata?.labels, injectKey), textAt(metadata?.annotations, injectKey)].flatMap((value) =>
    value === undefined || ['', 'true', 'false'].includes(value)
      ? []
      : [`${injectKey} has no effect: only "false" has one, not "${value}"`],
  );
}

function onKeeping({ keeping: { sticky, retain, spare } }: Wishes): string[] {
  return [
    ...(retain !== undefined && sticky === undefined
      ? ['realip.io/retain has no effect without realip.io/sticky']
      : []),
    ...(spare !== undefined && sticky !== 'owner'
      ? ['realip.io/spare has no effect without realip.io/sticky: owner']
      : []),
  ];
}

function onZone({ addresses, keeping }: Wishes, zone: Zone | null): string[] {
  if (isReal(zone)) {
    return [];
  }
  const keys = [
    ...(addresses.length > 0 ? [addressesKey] : []),
    ...(keeping.sticky === undefined ? [] : ['realip.io/sticky']),
  ];
  const where = zone === null ? `zone ${noZone}` : `zone ${zone.name}, which is overlay`;
  return keys.map((key) => `${key} has no effect: the pod is in ${where}`);
}

function onResource(pod: Pod, zone: Zone | null): string[] {
  return isReal(zone) && zone?.ipResource && asksForNone(pod)
    ? [`${ipResource}: "0" asks for no address, yet the pod takes one, which the scheduler does not count`]
    : [];
}

/** Kinds of which pods of one template live at the same time, in any number. */
const manyAtOnce = ['Deployment', 'ReplicaSet', 'ReplicationController', 'CloneSet'];

function onSharing({ name, owner }: Applicant): string[] {
  const isSecond = owner?.kind === 'StatefulSet' && /-[1-9][0-9]*$/.test(name ?? '');
  return owner !== undefined && (isSecond || manyAtOnce.includes(owner.kind))
    ? [`${addressesKey} is one pod’s: a second pod of ${owner.kind} ${owner.name} would wait for it`]
    : [];
}
