import type { V1Node, V1Taint } from '@kubernetes/client-node';
import { ipResource, managedByKey, manager, zoneLabel, zoneTypeKey } from './names.ts';
import { parseQuantity } from './quantity.ts';

type Texts = Readonly<Record<string, string | undefined>>;

/** What of a Node object matters here. */
export interface NodeObject {
  readonly version: string;
  readonly zone: string | undefined;
  readonly zoneType: string | undefined;
  readonly isManaged: boolean;
  readonly taints: readonly V1Taint[];
  /** As it is written; undefined where the node has no such resource. */
  readonly capacity: string | undefined;
  readonly allocatable: string | undefined;
}

/** What the ledger wants of a node. */
export interface WantedNode {
  readonly zone: string;
  readonly type: 'macvlan' | 'overlay';
  /** How many pods with an address it can have; null where its zone gives none. */
  readonly pods: number | null;
}

/** Merge patches of a Node and of its status, each null where all is as it should be. */
export interface NodeChange {
  readonly status: object | null;
  readonly object: object | null;
}

/** The longest value that a label may have. */
const longestLabel = 63;

const ourTaint: V1Taint = { key: zoneTypeKey, value: 'macvlan', effect: 'NoSchedule' };

/** @param node as the API server tells it */
export function nodeObjectOf({ metadata, spec, status }: V1Node): NodeObject {
  const labels: Texts = metadata?.labels ?? {};
  const annotations: Texts = metadata?.annotations ?? {};
  return {
    version: metadata?.resourceVersion ?? '',
    zone: labels[zoneLabel],
    zoneType: labels[zoneTypeKey],
    isManaged: annotations[managedByKey] === manager,
    taints: spec?.taints ?? [],
    capacity: status?.capacity?.[ipResource],
    allocatable: status?.allocatable?.[ipResource],
  };
}

/**
 * What has to be changed of a Node, so that it says what the ledger does. Of a node that the ledger doesn't know, only
 * what this server wrote is taken away: the mark with it, which is why the status comes first.
 *
 * @param wanted null for a node that the ledger doesn't know
 */
export function changeOf(node: NodeObject, wanted: WantedNode | null): NodeChange {
  if (wanted === null && !node.isManaged) {
    return { status: null, object: null };
  }
  return { status: statusChange(node, wanted?.pods ?? null), object: objectChange(node, wanted) };
}

/** How many addresses a Node says it has; null where it says nothing. */
export function toldPods({ capacity, allocatable }: NodeObject): number | null {
  const [all, usable] = [capacity, allocatable].map((text) =>
    text === undefined ? null : parseQuantity(text),
  );
  return all === usable ? (all ?? null) : null;
}

function statusChange(node: NodeObject, pods: number | null): object | null {
  const isAbsent = node.capacity === undefined && node.allocatable === undefined;
  if (toldPods(node) === (pods ?? 0) || (pods === null && isAbsent)) {
    return null;
  }
  // Kubelet copies the one into the other, but only at its next turn.
  const resources = { [ipResource]: `${pods ?? 0}` };
  return { status: { capacity: resources, allocatable: resources } };
}

function objectChange(node: NodeObject, wanted: WantedNode | null): object | null {
  const zone = wanted !== null && wanted.zone.length <= longestLabel ? wanted.zone : undefined;
  const zoneType = wanted?.type;
  const taints = taintsOf(node, zoneType === 'macvlan');
  const isRight =
    node.zone === zone &&
    node.zoneType === zoneType &&
    node.isManaged === (wanted !== null) &&
    taints === node.taints;
  if (isRight) {
    return null;
  }
  return {
    metadata: {
      labels: { [zoneLabel]: zone ?? null, [zoneTypeKey]: zoneType ?? null },
      annotations: { [managedByKey]: wanted === null ? null : manager },
      // A list is replaced whole: only where nobody has changed it meanwhile.
      ...(taints === node.taints ? {} : { resourceVersion: node.version }),
    },
    ...(taints === node.taints ? {} : { spec: { taints } }),
  };
}

/** The taints with or without ours; the same list where nothing changes. Others, of our key too, stay as they are. */
function taintsOf({ taints }: NodeObject, isTainted: boolean): readonly V1Taint[] {
  const isOurs = ({ key, value, effect }: V1Taint) =>
    key === ourTaint.key && value === ourTaint.value && effect === ourTaint.effect;
  if (taints.some(isOurs) === isTainted) {
    return taints;
  }
  return isTainted ? [...taints, ourTaint] : taints.filter((taint) => !isOurs(taint));
}
