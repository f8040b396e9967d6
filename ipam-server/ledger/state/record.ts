import { type Static, Type } from 'typebox';
import { AttachmentKey, Pod } from '../../../schema/allocation.ts';
import { ClusterNode } from '../../../schema/node.ts';
import { AddressRange } from '../../../schema/range.ts';
import { Reservation } from '../../../schema/reservation.ts';
import { Subnet } from '../../../schema/subnet.ts';
import { Zone } from '../../../schema/zone.ts';

/**
 * What the store keeps: one record a key, each the whole truth about its thing, so that a store needs nothing
 * but keys and texts. Times are milliseconds since 1970.
 *
 * | key | record |
 * |---|---|
 * | `zone/<name>`, `subnet/<name>`, `range/<name>`, `node/<name>` | what an admin or agent wrote, with its revision |
 * | `reservation/<name>` | fixed addresses, and whether a pod's wish made it |
 * | `agent/<node>` | what the node's agent last said, and what it has to be told |
 * | `warm/<ip>` | an address that a node's reserve holds |
 * | `allocation/<network>/<containerId>/<ifname>` | a live attachment and its addresses |
 * | `released/<ip>` | an address that was used before: since when it rests, and in which order |
 * | `conflict/<ip>` | an address that somebody else was seen to use: since when, by which node, and which MAC |
 * | `key/<Idempotency-Key>` | the answer to a batch, for whoever sends it again |
 * | `meta/sequence` | the highest number given to a revision, generation or release |
 * | `epoch/current` | which life of the ledger this is: a restored one begins a new one |
 */

/** The sequence number of the object's last edit; its ETag. */
const revision = Type.Integer();

export const ZoneRecord = Type.Object({ revision, spec: Zone });
export type ZoneRecord = Static<typeof ZoneRecord>;

export const SubnetRecord = Type.Object({ revision, spec: Subnet });
export type SubnetRecord = Static<typeof SubnetRecord>;

export const RangeRecord = Type.Object({
  revision,
  spec: AddressRange,
  /** The server made it for its node, by the subnet’s `autoRange`, and takes it back. */
  auto: Type.Optional(Type.Literal(true)),
});
export type RangeRecord = Static<typeof RangeRecord>;

export const NodeRecord = Type.Object({ revision, spec: ClusterNode });
export type NodeRecord = Static<typeof NodeRecord>;

export const ReservationRecord = Type.Object({
  revision,
  spec: Reservation,
  /** A pod asked to keep its address: the server made the reservation and ages it. */
  sticky: Type.Optional(
    Type.Object({
      by: Type.Enum(['pod', 'owner']),
      retainSeconds: Type.Integer(),
      spare: Type.Integer(),
    }),
  ),
});
export type ReservationRecord = Static<typeof ReservationRecord>;

export const AgentRecord = Type.Object({
  syncedAt: Type.Optional(Type.Integer()),
  /** The node's own addresses, never given. */
  addresses: Type.Array(Type.String()),
  /** Allocations that the node did not show: released when it does not show them again. */
  suspects: Type.Array(Type.Object({ name: Type.String(), generation: Type.Integer(), at: Type.Integer() })),
  /** What was taken away while the node was silent; told until it shows them no more. */
  revoked: Type.Array(
    Type.Object({
      ...AttachmentKey.properties,
      generation: Type.Integer(),
      addresses: Type.Array(Type.String()),
    }),
  ),
  fencedAt: Type.Optional(Type.Integer()),
});
export type AgentRecord = Static<typeof AgentRecord>;

export const WarmRecord = Type.Object({
  at: Type.Integer(),
  node: Type.String(),
  /** After this time, and some for clocks that differ, the node may not give it any more. */
  until: Type.Integer(),
  /** Somebody else needs it: the node is asked to let it go. */
  recalled: Type.Optional(Type.Literal(true)),
});
export type WarmRecord = Static<typeof WarmRecord>;

/** An address of an allocation, with its range if it lies in one; prefix length, gateway and VLAN are the subnet's, looked up when told. */
export const HeldAddress = Type.Object({
  address: Type.String(),
  subnet: Type.String(),
  range: Type.Optional(Type.String()),
});
export type HeldAddress = Static<typeof HeldAddress>;

export const AllocationRecord = Type.Object({
  id: Type.String(),
  generation: Type.Integer(),
  at: Type.Integer(),
  node: Type.String(),
  ...AttachmentKey.properties,
  pod: Type.Optional(Pod),
  mac: Type.String(),
  ips: Type.Array(HeldAddress),
});
export type AllocationRecord = Static<typeof AllocationRecord>;

export const ReleasedRecord = Type.Object({
  at: Type.Integer(),
  sequence: Type.Integer(),
  /** Whose it was, in words. */
  by: Type.String(),
  /** The same as the name of an allocation; older servers did not write it. */
  attachment: Type.Optional(Type.String()),
  /** Whose it was, where it is reserved: that pod (`namespace/name`) gets it again before others. */
  holder: Type.Optional(Type.Object({ pod: Type.String(), ifname: Type.String() })),
});
export type ReleasedRecord = Static<typeof ReleasedRecord>;

/** Stands beside an allocation, or in the place of a release. */
export const ConflictRecord = Type.Object({
  at: Type.Integer(),
  sequence: Type.Integer(),
  /** The node that saw it. */
  node: Type.String(),
  /** The MAC that answered for the address. */
  mac: Type.String(),
});
export type ConflictRecord = Static<typeof ConflictRecord>;

export const SequenceRecord = Type.Object({ value: Type.Integer() });
export type SequenceRecord = Static<typeof SequenceRecord>;

export const EpochRecord = Type.Object({
  value: Type.Integer(),
  at: Type.Integer(),
  why: Type.String(),
  /** The nodes that have not said yet what lives on them; until then nothing is given. */
  waitingFor: Type.Array(Type.String()),
});
export type EpochRecord = Static<typeof EpochRecord>;

export const KeyRecord = Type.Object({
  at: Type.Integer(),
  /** SHA-256 of the request, in hexadecimal. */
  sha256: Type.String(),
  /** The answer, packed by who gave it. */
  answer: Type.String(),
});
export type KeyRecord = Static<typeof KeyRecord>;

/** The schema of each kind of record, by the first part of its key. */
export const recordSchemas = {
  meta: SequenceRecord,
  zone: ZoneRecord,
  subnet: SubnetRecord,
  range: RangeRecord,
  node: NodeRecord,
  agent: AgentRecord,
  reservation: ReservationRecord,
  warm: WarmRecord,
  allocation: AllocationRecord,
  released: ReleasedRecord,
  conflict: ConflictRecord,
  epoch: EpochRecord,
  key: KeyRecord,
} as const;
export type RecordKind = keyof typeof recordSchemas;

/** One change of the ledger: a record put, or (without record) removed. */
export type Write = {
  [Kind in RecordKind]: {
    readonly kind: Kind;
    /** The key without its kind: a name, an attachment, an address. */
    readonly name: string;
    readonly record: Static<(typeof recordSchemas)[Kind]> | null;
  };
}[RecordKind];

export function keyOf(write: Pick<Write, 'kind' | 'name'>): string {
  return `${write.kind}/${write.name}`;
}

/** The name of an attachment's record. */
export function attachmentName(key: AttachmentKey): string {
  return `${key.network}/${key.containerId}/${key.ifname}`;
}
