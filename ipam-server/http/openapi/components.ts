/** A named part of the description, as the description holds it once. */
type Components = Record<string, unknown>;

/**
 * Puts each schema that has a title into the components, and a reference in its place.
 *
 * @throws Error when two schemas of one title differ: a client would take one for the other
 */
export function hoistSchemas(part: unknown, schemas: Components): unknown {
  if (Array.isArray(part)) {
    return part.map((each) => hoistSchemas(each, schemas));
  }
  if (typeof part !== 'object' || part === null) {
    return part;
  }
  const hoisted = Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, isValue(name) ? value : hoistSchemas(value, schemas)]),
  );
  const { title, type } = hoisted;
  if (typeof title !== 'string' || type === undefined) {
    return hoisted;
  }
  const known = schemas[title];
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(hoisted)) {
    throw new Error(`two schemas are called ${title}, and differ`);
  }
  schemas[title] = hoisted;
  return { $ref: `#/components/schemas/${title}` };
}

/** Whether what stands under a keyword is a value of the schema’s, and no schema. */
function isValue(keyword: string): boolean {
  return ['example', 'examples', 'const', 'enum', 'default'].includes(keyword);
}
