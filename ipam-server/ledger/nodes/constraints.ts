import { Ip } from '../../../core/address/ip.ts';
import { planOf } from '../allocation/plan.ts';
import type { Ledger } from '../state/ledger.ts';

/** The pods of a zone that have addresses of their own: by name, and by the workload that they belong to. */
export interface ReservedFor {
  readonly pods: readonly string[];
  readonly owners: readonly string[];
}

/** What ranges of a node ask of pods that they serve. */
export interface MatchedBy {
  readonly namespaces: readonly string[];
  readonly podLabels: readonly string[];
  readonly namespaceLabels: readonly string[];
}

const reserved = new WeakMap<Ledger, Map<string, { edits: string; found: ReservedFor }>>();

/** The same object while no reservation and no subnet changes. */
export function reservedFor(ledger: Ledger, zone: string): ReservedFor {
  const byZone = reserved.get(ledger) ?? new Map();
  reserved.set(ledger, byZone);
  const edits = `${ledger.edits}/${ledger.claims.reservations.edits}`;
  const kept = byZone.get(zone);
  if (kept?.edits === edits) {
    return kept.found;
  }
  const pods = new Set<string>();
  const owners = new Set<string>();
  for (const { spec } of ledger.claims.reservations.byName.values()) {
    const { pod, owner, addresses } = spec;
    const isOfZone = addresses.some((address) => ledger.networkOf(Ip.parse(address))?.spec.zone === zone);
    if (isOfZone && pod !== undefined) {
      pods.add(`${pod.namespace}/${pod.name}`);
    }
    if (isOfZone && owner !== undefined) {
      owners.add(`${owner.namespace}/${owner.kind}/${owner.name}`);
    }
  }
  const found = { pods: [...pods].sort(), owners: [...owners].sort() };
  byZone.set(zone, { edits, found });
  return found;
}

/**
 * What the node's ranges with a `match` ask: pods in these namespaces, and pods with labels of these keys, might be
 * served by one of them.
 */
export function matchedBy(ledger: Ledger, node: string, zone: string): MatchedBy {
  const namespaces = new Set<string>();
  const podLabels = new Set<string>();
  const namespaceLabels = new Set<string>();
  const { ipv4, ipv6 } = planOf(ledger, node, zone);
  for (const { pool } of [...ipv4.matching.all, ...ipv6.matching.all]) {
    const match = pool.spec.match ?? {};
    const keys = {
      pod: Object.keys(match.podLabels ?? {}),
      namespace: Object.keys(match.namespaceLabels ?? {}),
    };
    const patterns = match.namespaces ?? [];
    // One of its conditions is enough to know which pods it may be for; namespaces are always known.
    if (patterns.length > 0) {
      addAll(namespaces, patterns);
    } else if (keys.pod.length + keys.namespace.length > 0) {
      addAll(podLabels, keys.pod);
      addAll(namespaceLabels, keys.namespace);
    } else {
      namespaces.add('*');
    }
  }
  return {
    namespaces: [...namespaces].sort(),
    podLabels: [...podLabels].sort(),
    namespaceLabels: [...namespaceLabels].sort(),
  };
}

function addAll(to: Set<string>, from: readonly string[]): void {
  for (const each of from) {
    to.add(each);
  }
}
