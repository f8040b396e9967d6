import { type Static, Type } from 'typebox';
import { Address, ObjectName } from './text.ts';

// The default pattern of a key, `^.*$`, leaves what stands under a key with a line break unchecked.
const labels = Type.Record(Type.String({ pattern: '^[\\s\\S]*$' }), Type.String({ maxLength: 4096 }));

/**
 * The pods that a range is for. What is given must all fit: one of the namespaces, and every label. One that asks
 * for nothing is for every pod.
 */
export const Match = Type.Object(
  {
    namespaces: Type.Optional(
      Type.Array(Type.String({ pattern: '^[-a-z0-9.*]{1,253}$' }), {
        maxItems: 1024,
        description: 'Names of which one must fit; `*` stands for any characters and is the only wildcard.',
      }),
    ),
    namespaceLabels: Type.Optional(labels),
    podLabels: Type.Optional(labels),
  },
  { additionalProperties: false, examples: [{ namespaces: ['shop-*'], podLabels: { tier: 'db' } }] },
);
export type Match = Static<typeof Match>;

/** Addresses of a subnet that may be given: by one node, or (without `node`) shared by the zone’s nodes. */
export const AddressRange = Type.Object(
  {
    subnet: ObjectName,
    start: Address,
    end: Address,
    node: Type.Optional(ObjectName),
    disabled: Type.Optional(Type.Boolean({ description: 'Gives no more; what it gave lives on.' })),
    match: Type.Optional(Match),
  },
  { additionalProperties: false },
);
export type AddressRange = Static<typeof AddressRange>;
