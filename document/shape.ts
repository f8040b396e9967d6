import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import type { Finding } from './finding.ts';
import { nearest } from './nearest.ts';
import { DocumentSource, type Path } from './source.ts';
import { valueAt } from './value-at.ts';

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a mapping',
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
};

/** A document as its schema types it (a mapping), or what keeps it from being that. */
export type ShapeCheck<S extends TSchema> = (source: DocumentSource) => Static<S> | Finding[];

/** What null (a value left empty) at a path means: that it is absent, an empty list, or a slip of the author's. */
export type NullMeaning = (path: Path) => 'absent' | 'empty list' | 'slip';

/**
 * Makes the check of one kind of document.
 *
 * @param whole what the document is called in messages, such as `the policy`
 * @param needs what an empty one lacks, such as `at least "zones"`
 */
export function shapeCheck<S extends TSchema>(
  schema: S,
  whole: string,
  needs: string,
  nullAt: NullMeaning = () => 'absent',
): ShapeCheck<S> {
  const validator = Compile(schema);
  return (source) => {
    const raw = source.value;
    const value = withNulls(raw, [], nullAt);
    if (value === null || value === undefined) {
      return [source.at([], `${whole} is empty; it needs ${needs}`)];
    }
    // A field that nobody knows is wrong even where it is null.
    const unknown = [...validator.Errors(raw)].filter((error) => error.keyword === 'additionalProperties');
    const others = [...validator.Errors(value)].filter(
      (error) => error.keyword !== 'additionalProperties' && error.keyword !== 'boolean',
    );
    const document = { schema, whole, value, source };
    const findings = [...unknown, ...others].flatMap((error) => findingsOf(error, document));
    return findings.length === 0 && validator.Check(value) ? value : findings;
  };
}

/** A document whose shape is right, with its source for findings about its meaning; or what is wrong with it. */
export type Read<T> =
  | { readonly ok: true; readonly value: T; readonly source: DocumentSource }
  | { readonly ok: false; readonly errors: readonly Finding[] };

/** Reads one document of a known kind. */
export function readDocument<T>(text: string, check: (source: DocumentSource) => T | Finding[]): Read<T> {
  try {
    const source = new DocumentSource(text);
    const value = source.errors.length > 0 ? [...source.errors] : check(source);
    return Array.isArray(value) ? { ok: false, errors: value } : { ok: true, value, source };
  } catch (error) {
    // yaml throws for aliases that multiply (the "billion laughs") and for thousands of nested brackets.
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, errors: [{ line: 1, column: 1, reason: `not readable as YAML: ${why}` }] };
  }
}

interface Looked {
  readonly schema: TSchema;
  readonly whole: string;
  readonly value: unknown;
  readonly source: DocumentSource;
}

function findingsOf(error: TLocalizedValidationError, { schema, whole, value, source }: Looked): Finding[] {
  const path = pathOf(error.instancePath);
  const place = where(path, whole);
  switch (error.keyword) {
    case 'additionalProperties': {
      const known = fieldsAt(schema, error.schemaPath);
      return error.params.additionalProperties.map((name) => {
        const hint = didYouMean(nearest(name, known)) || `; known are ${known.join(', ')}`;
        return source.atKey([...path, name], `unknown field "${name}" in ${place}${hint}`);
      });
    }
    case 'required':
      return error.params.requiredProperties.map((name) =>
        source.at(path, `${place} needs the field "${name}"`),
      );
    case 'enum': {
      const allowed = error.params.allowedValues.map(String);
      const found = valueAt(value, path);
      if (found === null) {
        return [source.at(path, leftEmpty(place, orList(allowed), schemaOfParent(schema, error), path))];
      }
      const hint = didYouMean(nearest(String(found), allowed));
      return [source.at(path, `${place} is ${show(found)}, but must be one of ${allowed.join(', ')}${hint}`)];
    }
    case 'type': {
      const wanted = [error.params.type].flat().map((type) => kinds[type] ?? type);
      const found = valueAt(value, path);
      if (found === null) {
        return [source.at(path, leftEmpty(place, wanted.join(' or '), schemaOfParent(schema, error), path))];
      }
      const isPlain = typeof found === 'number' || typeof found === 'boolean';
      const hint = wanted.includes('text') && isPlain ? `; ${asText(found, schema, error)}` : '';
      return [source.at(path, `${place} must be ${wanted.join(' or ')}, not ${show(found)}${hint}`)];
    }
    default:
      return [source.at(path, `${place} ${error.message}`)];
  }
}

/** How to write as text what is none: of some form where the schema has examples of it, otherwise quoted. */
function asText(found: number | boolean, schema: TSchema, { schemaPath }: TLocalizedValidationError): string {
  const examples = valueAt(schema, [...pathOf(schemaPath), 'examples']);
  return Array.isArray(examples)
    ? `write it like ${orList(examples.map(String))}`
    : `put it in quotes: "${found}"`;
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(word: string | undefined): string {
  return word === undefined ? '' : `; did you mean "${word}"?`;
}

/** A path as people write it: `zones.real.tolerations[0].effect`; the empty one is `whole`. */
export function where(path: Path, whole = 'the document'): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return path.length === 0 ? whole : text.replace(/^\./, '');
}

function show(value: unknown): string {
  if (Array.isArray(value)) {
    return 'a list';
  }
  return typeof value === 'object' && value !== null ? 'a mapping' : JSON.stringify(value);
}

function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^(0|[1-9]\d*)$/.test(step) ? Number(step) : step));
}

/** The field names of the sub-schema that an error points to. */
function fieldsAt(schema: TSchema, schemaPath: string): string[] {
  const properties = valueAt(schema, [...pathOf(schemaPath), 'properties']);
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

function schemaOfParent(schema: TSchema, { schemaPath }: TLocalizedValidationError): unknown {
  return valueAt(schema, pathOf(schemaPath).slice(0, -2));
}

function leftEmpty(place: string, wanted: string, parent: unknown, path: Path): string {
  const required = valueAt(parent, ['required']);
  const isRequired = Array.isArray(required) && required.includes(path.at(-1));
  // Of a mapping with keys of the author's own, such as labels: a value of nothing is meant now and then.
  const isLabel = wanted === kinds['string'] && valueAt(parent, ['patternProperties']) !== undefined;
  const way = isRequired ? 'give' : 'leave it out or give';
  return `${place} is empty; ${way} ${wanted}${isLabel ? '; the empty text is ""' : ''}`;
}

function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** A copy with every null replaced by what it means; a slip stays null, for the schema to refuse. */
function withNulls(value: unknown, path: Path, nullAt: NullMeaning): unknown {
  if (value === null && path.length > 0) {
    return nullAt(path) === 'empty list' ? [] : null;
  }
  if (Array.isArray(value)) {
    return value.map((each, index) => withNulls(each, [...path, index], nullAt));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, member]) => member !== null || nullAt([...path, key]) !== 'absent')
      .map(([key, member]) => [key, withNulls(member, [...path, key], nullAt)]),
  );
}
