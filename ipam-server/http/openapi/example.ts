/** A JSON Schema as far as examples are made from it. */
interface Shown {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly unknown[];
  readonly items?: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly minimum?: number;
  readonly format?: string;
}

/** A value that a schema allows: the schema’s own example, otherwise one put together from its parts’. */
export function exampleOf(schema: unknown): unknown {
  const shown = schema as Shown;
  if (shown.examples?.[0] !== undefined) {
    return shown.examples[0];
  }
  if (shown.const !== undefined || shown.enum !== undefined) {
    return shown.const ?? shown.enum?.[0];
  }
  if (shown.anyOf !== undefined) {
    return exampleOf(shown.anyOf[0]);
  }
  switch (shown.type) {
    case 'object': {
      const members = Object.entries(shown.properties ?? {});
      return Object.fromEntries(members.map(([name, member]) => [name, exampleOf(member)]));
    }
    case 'array':
      return [exampleOf(shown.items)];
    case 'integer':
    case 'number':
      return shown.minimum ?? 0;
    case 'boolean':
      return true;
    case 'string':
      return shown.format === 'date-time' ? '2026-11-21T10:00:00.000Z' : 'text';
    default:
      return null;
  }
}
