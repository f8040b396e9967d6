import { type Static, Type } from 'typebox';

const count = Type.Integer({ minimum: 0 });

/** What an edit would come to, as `?dryRun=true` answers it; nothing is written. */
export const DryRun = Type.Object(
  {
    addresses: Type.Object({
      before: count,
      after: count,
      lost: Type.Integer({ minimum: 0, description: 'How many of those before are none after it.' }),
    }),
    live: Type.Array(
      Type.Object({
        kind: Type.Enum(['allocation', 'reserve'], { description: 'A `reserve` is named by its node.' }),
        name: Type.String(),
        node: Type.Optional(Type.String()),
        pod: Type.Optional(Type.String()),
        addresses: Type.Array(Type.String()),
      }),
      { description: 'Who has addresses that would be given no more, and keeps them; at most 100 of them.' },
    ),
    liveCount: count,
  },
  {
    examples: [
      {
        addresses: { before: 256, after: 128, lost: 128 },
        live: [
          {
            kind: 'allocation',
            name: 'realip/5f0c2a/eth0',
            node: 'n1',
            pod: 'shop/web-0',
            addresses: ['10.9.1.200'],
          },
        ],
        liveCount: 1,
      },
    ],
  },
);
export type DryRun = Static<typeof DryRun>;
