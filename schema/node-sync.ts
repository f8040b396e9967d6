import { type Static, Type } from 'typebox';
import { AttachmentKey, Pod } from './allocation.ts';
import { Address, MacAddress } from './text.ts';

/** So many attachments a report: they are compared in one go, and others wait meanwhile. */
const largestReport = 10_000;

const time = Type.String({ format: 'date-time' });

const generation = Type.Integer({ minimum: 0 });

/** Which life of the ledger a node’s request is about. */
export const NamedEpoch = Type.Integer({
  minimum: 1,
  description: 'The `epoch` of the last answer. In another one the call is 409 EPOCH_MISMATCH.',
});

/** What a node’s request takes into account. */
export const AsOf = Type.String({
  format: 'date-time',
  description:
    'The `time` of the last answer that the node had when it began to look; what came later is not judged by this ' +
    'request, however late it arrives. Without it the node says that it knows of everything.',
});

/** An attachment that lives on a node. Without addresses: it lives, and which it has is not known. */
export const LiveAttachment = Type.Object(
  {
    ...AttachmentKey.properties,
    addresses: Type.Array(Address, { maxItems: 16 }),
    mac: Type.Optional(MacAddress),
    pod: Type.Optional(Pod),
    generation: Type.Optional(generation),
  },
  { additionalProperties: false },
);
export type LiveAttachment = Static<typeof LiveAttachment>;

/** Body of POST /v1/nodes/{node}:sync: all that lives on the node. */
export const SyncRequest = Type.Object(
  {
    attachments: Type.Array(LiveAttachment, { maxItems: largestReport }),
    addresses: Type.Optional(
      Type.Array(Address, {
        maxItems: 1024,
        description:
          'The node’s own addresses, given to nobody from now on; without the field they stay as they were.',
      }),
    ),
    epoch: Type.Optional(NamedEpoch),
    asOf: Type.Optional(AsOf),
  },
  {
    additionalProperties: false,
    examples: [
      {
        attachments: [
          {
            network: 'realip',
            containerId: '5f0c2a',
            ifname: 'eth0',
            addresses: ['10.9.1.7'],
            mac: '0a:58:0a:09:01:07',
            generation: 12,
          },
        ],
        addresses: ['10.9.0.21'],
      },
    ],
  },
);
export type SyncRequest = Static<typeof SyncRequest>;

/** An attachment with one generation of its addresses. */
export const HeldAttachment = Type.Object({
  ...AttachmentKey.properties,
  generation,
  addresses: Type.Array(Address),
});
export type HeldAttachment = Static<typeof HeldAttachment>;

/** An address that the node shows and the ledger cannot take for what it is shown as. */
export const SyncConflict = Type.Object({
  address: Address,
  network: Type.Optional(AttachmentKey.properties.network),
  containerId: Type.Optional(AttachmentKey.properties.containerId),
  ifname: Type.Optional(AttachmentKey.properties.ifname),
  code: Type.String({ examples: ['ADDRESS_IN_USE'] }),
  why: Type.String(),
});
export type SyncConflict = Static<typeof SyncConflict>;

/** Answer of POST /v1/nodes/{node}:sync. */
export const SyncAnswer = Type.Object({
  release: Type.Array(HeldAttachment, {
    description:
      'Taken back by this call, because the node has not shown them twice: to be forgotten there, too.',
  }),
  revoked: Type.Array(HeldAttachment, {
    description: 'Taken away while the node was fenced: their links are to be taken down.',
  }),
  adopted: Type.Array(HeldAttachment, { description: 'New to the ledger, with their new generation.' }),
  conflicts: Type.Array(SyncConflict),
  suspects: Type.Array(HeldAttachment, {
    description: 'Not shown: taken back when a later report does not show them either.',
  }),
  epoch: Type.Integer(),
  time,
});
export type SyncAnswer = Static<typeof SyncAnswer>;

/** Answer of POST /v1/nodes/{node}:fence. */
export const FenceAnswer = Type.Object({
  node: Type.String(),
  dryRun: Type.Boolean(),
  fencedAt: time,
  attachments: Type.Array(Type.Object({ ...HeldAttachment.properties, pod: Type.Optional(Pod) })),
  addresses: Type.Array(Address, {
    description: 'All that begin to rest: of attachments and of the reserve.',
  }),
});
export type FenceAnswer = Static<typeof FenceAnswer>;

/** Answer of GET /v1/nodes/{node}/status. */
export const NodeStatus = Type.Object({
  node: Type.String(),
  zone: Type.String(),
  lastSync: Type.Optional(time),
  fencedAt: Type.Optional(time),
  epoch: Type.Integer(),
  epochPending: Type.Boolean({
    description: 'The ledger waits for this node’s sync before it gives anything.',
  }),
  allocations: Type.Integer(),
  warm: Type.Integer(),
  addresses: Type.Array(Address, { description: 'The node’s own.' }),
  suspects: Type.Array(HeldAttachment),
  revoked: Type.Array(HeldAttachment),
  constraints: Type.String({
    description: 'Version of the constraints on its reserve: an agent that has another one asks for them.',
  }),
});
export type NodeStatus = Static<typeof NodeStatus>;

/** Answer of GET /v1/epoch and POST /v1/epoch:waive. */
export const EpochState = Type.Object({
  epoch: Type.Integer(),
  since: Type.Optional(time),
  why: Type.Optional(Type.String()),
  waitingFor: Type.Array(Type.String(), {
    description: 'The nodes whose sync is waited for; until then nothing is given.',
  }),
});
export type EpochState = Static<typeof EpochState>;
