import type { Zone } from '../../../webhook/policy/policy.ts';
import { fitsAffinity, fitsAll } from '../scheduler/node-affinity.ts';
import type { Container, Node, PodSpec } from '../scheduler/objects.ts';
import { hasRoom } from '../scheduler/resources.ts';
import { toleratesAll } from '../scheduler/taints.ts';

const resource = 'realip.io/ip';

/** Whether a node is the zone's and one that the pod wishes for: what both say of labels and names. */
export function isWanted(zone: Zone, own: PodSpec, node: Node): boolean {
  return isOfZone(zone, node) && fitsAffinity(own, node);
}

/** Whether a pod as its author wrote it may land on a node once it is in the zone. */
export function mayLand(zone: Zone, own: PodSpec, node: Node): boolean {
  return (
    isWanted(zone, own, node) &&
    toleratesAll([...(own.tolerations ?? []), ...zone.tolerations], node) &&
    hasRoom(isAsking(zone, own) ? { containers: [one] } : own, node, resource)
  );
}

export function isOfZone({ nodeSelector, matchExpressions }: Zone, node: Node): boolean {
  return fitsAffinity({ nodeSelector }, node) && fitsAll(matchExpressions, node);
}

const one: Container = { resources: { requests: { [resource]: '1' } } };

/** Whether the zone asks for an address in place of the pod. */
function isAsking({ ipResource }: Zone, { containers, initContainers }: PodSpec): boolean {
  const everyone = [...(containers ?? []), ...(initContainers ?? [])];
  const names = everyone.flatMap(({ resources }) =>
    [resources?.requests, resources?.limits].flatMap((each) => Object.keys(each ?? {})),
  );
  return ipResource && (containers ?? []).length > 0 && !names.includes(resource);
}
