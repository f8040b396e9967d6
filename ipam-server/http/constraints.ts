import { createHash } from 'node:crypto';
import type { Constraints } from '../../schema/reserve.ts';
import type { MatchedBy, ReservedFor } from '../ledger/nodes/constraints.ts';

/** A zone's reservations may be many, and the same object is asked for by each of its nodes. */
const hashes = new WeakMap<ReservedFor, string>();

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16);
}

/** Another one when any of it changes. */
export function versionOf(reserved: ReservedFor, matched: MatchedBy): string {
  const hash = hashes.get(reserved) ?? hashOf(reserved);
  hashes.set(reserved, hash);
  return `${hash}.${hashOf(matched)}`;
}

/**
 * The constraints as a node is told of them: whole, or only their version where the node has them already.
 *
 * @param known the version that the node has
 */
export function constraintsOf(
  reserved: ReservedFor,
  matched: MatchedBy,
  known: string | undefined,
): Constraints {
  const version = versionOf(reserved, matched);
  if (version === known) {
    return { version };
  }
  const { pods, owners } = reserved;
  const { namespaces, podLabels, namespaceLabels } = matched;
  return {
    version,
    pods: [...pods],
    owners: [...owners],
    namespaces: [...namespaces],
    labels: podLabels.length + namespaceLabels.length > 0,
    podLabels: [...podLabels],
    namespaceLabels: [...namespaceLabels],
  };
}
