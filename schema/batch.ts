import { type Static, Type } from 'typebox';
import { Allocation, AllocationRequest, AttachmentKey } from './allocation.ts';
import { ProblemAnswer } from './problem.ts';
import { Address } from './text.ts';

/** So many items of each kind a batch: they are decided in one go, and others wait meanwhile. */
const largestBatch = 10_000;

/** What a batch releases: an attachment, or only one generation of it. */
export const BatchRelease = Type.Object(
  {
    ...AttachmentKey.properties,
    generation: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Release only this generation; another is left alone.' }),
    ),
  },
  { additionalProperties: false },
);
export type BatchRelease = Static<typeof BatchRelease>;

/** A batch whatever the shape of its items, each of which may be wrong by itself. */
export const BatchEnvelope = Type.Object(
  {
    release: Type.Optional(Type.Array(Type.Unknown(), { maxItems: largestBatch })),
    allocate: Type.Optional(Type.Array(Type.Unknown(), { maxItems: largestBatch })),
  },
  { additionalProperties: false },
);

/** Body of POST /v1/allocations:batch. */
export const Batch = Type.Object(
  {
    release: Type.Optional(Type.Array(BatchRelease, { maxItems: largestBatch })),
    allocate: Type.Optional(Type.Array(AllocationRequest, { maxItems: largestBatch })),
  },
  {
    title: 'Batch',
    additionalProperties: false,
    examples: [
      {
        release: [{ network: 'realip', containerId: '5f0c2a', ifname: 'eth0', generation: 7 }],
        allocate: [{ node: 'n1', network: 'realip', containerId: '77b1e9', ifname: 'eth0' }],
      },
    ],
  },
);
export type Batch = Static<typeof Batch>;

/** What came of one release: its attachment, and the addresses that it had, none when there was none. */
export const BatchReleased = Type.Object({
  ...AttachmentKey.properties,
  addresses: Type.Array(Address, { description: 'What was taken back; none when there was nothing.' }),
});
export type BatchReleased = Static<typeof BatchReleased>;

/** Answer of POST /v1/allocations:batch, item by item in the order of the request; what failed is a problem. */
export const BatchAnswer = Type.Object(
  {
    allocated: Type.Array(Type.Union([Allocation, ProblemAnswer])),
    released: Type.Array(Type.Union([BatchReleased, ProblemAnswer])),
  },
  { title: 'BatchAnswer' },
);
export type BatchAnswer = Static<typeof BatchAnswer>;

/** Headers of POST /v1/allocations:batch (draft-ietf-httpapi-idempotency-key-header). */
export const BatchHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[!-~]{1,255}$',
      description:
        'The same key with the same body within 24 hours answers what the first call answered, and does nothing.',
      examples: ['8e03978e-40d5-43dd-bc93-6894a57f9324'],
    }),
  ),
});
