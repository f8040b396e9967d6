import { type Static, Type } from 'typebox';

const count = Type.Integer({ minimum: 0 });

/** What the import of a table came to, in rows. */
export const ImportAnswer = Type.Object(
  {
    created: count,
    replaced: count,
    unchanged: count,
    dryRun: Type.Optional(Type.Literal(true, { description: 'Nothing was written.' })),
  },
  { title: 'Imported', examples: [{ created: 12, replaced: 1, unchanged: 240 }] },
);
export type ImportAnswer = Static<typeof ImportAnswer>;

export const ImportQuery = Type.Object(
  {
    dryRun: Type.Optional(
      Type.Boolean({ description: 'Write nothing and answer what the import would come to.' }),
    ),
  },
  { additionalProperties: false },
);
export type ImportQuery = Static<typeof ImportQuery>;
