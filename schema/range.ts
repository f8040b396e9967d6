import { type Static, Type } from 'typebox';
import { Address, ObjectName } from './text.ts';

/** Addresses of a subnet that may be given: by one node, or (without `node`) shared by the zone’s nodes. */
export const AddressRange = Type.Object(
  {
    subnet: ObjectName,
    start: Address,
    end: Address,
    node: Type.Optional(ObjectName),
    disabled: Type.Optional(Type.Boolean({ description: 'Gives no more; what it gave lives on.' })),
  },
  { additionalProperties: false },
);
export type AddressRange = Static<typeof AddressRange>;
