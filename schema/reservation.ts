import { type Static, Type } from 'typebox';
import { Address } from './text.ts';

/** So many addresses a reservation has at most. */
export const mostAddresses = 1024;

const word = Type.String({ minLength: 1, maxLength: 253 });

/** The pod that a reservation is for. */
export const ReservedPod = Type.Object({ namespace: word, name: word }, { additionalProperties: false });

/** The workload whose pods share a reservation. */
export const ReservedOwner = Type.Object(
  { namespace: word, kind: word, name: word },
  { additionalProperties: false, examples: [{ namespace: 'shop', kind: 'StatefulSet', name: 'web' }] },
);

/** Fixed addresses: for a pod, for a workload's pods, or (without either) for a host outside the cluster. */
export const Reservation = Type.Object(
  {
    addresses: Type.Array(Address, { minItems: 1, maxItems: mostAddresses, uniqueItems: true }),
    pod: Type.Optional(ReservedPod),
    owner: Type.Optional(ReservedOwner),
    expiresAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'When the reservation ends by itself.' }),
    ),
    comment: Type.Optional(Type.String({ maxLength: 1024 })),
  },
  {
    additionalProperties: false,
    examples: [
      { addresses: ['10.9.1.7'], pod: { namespace: 'shop', name: 'web-0' }, comment: 'the ERP allows it' },
    ],
  },
);
export type Reservation = Static<typeof Reservation>;
