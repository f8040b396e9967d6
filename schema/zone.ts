import { type Static, Type } from 'typebox';

/** A part of the cluster whose pods share a kind of network; subnets and nodes belong to one. */
export const Zone = Type.Object(
  {
    type: Type.Enum(['macvlan', 'overlay']),
    macPrefix: Type.Optional(
      Type.String({
        format: 'mac-prefix',
        description: 'The first two octets of derived MACs: unicast, locally administered. Default 0a:58.',
        examples: ['0a:58'],
      }),
    ),
    description: Type.Optional(Type.String({ maxLength: 1024 })),
  },
  { additionalProperties: false },
);
export type Zone = Static<typeof Zone>;
