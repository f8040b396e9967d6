import { type Static, type TSchema, Type } from 'typebox';

/** Query of every list. */
export const Page = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Default 1000.' })),
    cursor: Type.Optional(
      Type.String({ maxLength: 1024, description: 'The `cursor` of the page before; opaque.' }),
    ),
  },
  { additionalProperties: false },
);
export type Page = Static<typeof Page>;

/** Answer of a list; without `cursor` it is the last page. */
export function listOf<Item extends TSchema>(item: Item) {
  return Type.Object({ items: Type.Array(item), cursor: Type.Optional(Type.String()) });
}
