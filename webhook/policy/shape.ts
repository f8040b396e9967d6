import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import type { Finding } from '../../document/finding.ts';
import { nearest } from '../../document/nearest.ts';
import type { DocumentSource, Path } from '../../document/source.ts';
import type { PolicyFile } from './policy.ts';
import { policyFile } from './schema.ts';
import { valueAt } from './value-at.ts';

const validator = Compile(policyFile);

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a mapping',
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
};

/** The file as its schema types it, or what keeps it from being that. An absent value and null are the same. */
export function checkShape(source: DocumentSource): PolicyFile | Finding[] {
  const raw = source.value;
  const value = withoutNulls(raw);
  if (value === null || value === undefined) {
    return [source.at([], 'the policy is empty; it needs at least "zones"')];
  }
  // A field that nobody knows is wrong even where it is null.
  const unknown = [...validator.Errors(raw)].filter((error) => error.keyword === 'additionalProperties');
  const others = [...validator.Errors(value)].filter(
    (error) => error.keyword !== 'additionalProperties' && error.keyword !== 'boolean',
  );
  const findings = [...unknown, ...others].flatMap((error) => findingsOf(error, value, source));
  return findings.length === 0 && validator.Check(value) ? value : findings;
}

function findingsOf(error: TLocalizedValidationError, value: unknown, source: DocumentSource): Finding[] {
  const path = pathOf(error.instancePath);
  switch (error.keyword) {
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) =>
        source.atKey([...path, name], unknownField(name, path, fieldsAt(error.schemaPath))),
      );
    case 'required':
      return error.params.requiredProperties.map((name) =>
        source.at(path, `${where(path)} needs the field "${name}"`),
      );
    case 'enum': {
      const allowed = error.params.allowedValues.map(String);
      const found = valueAt(value, path);
      const hint = didYouMean(nearest(String(found), allowed));
      return [
        source.at(path, `${where(path)} is ${show(found)}, but must be one of ${allowed.join(', ')}${hint}`),
      ];
    }
    case 'type': {
      const wanted = [error.params.type].flat().map((type) => kinds[type] ?? type);
      const found = valueAt(value, path);
      const quote =
        wanted.includes('text') && (typeof found === 'number' || typeof found === 'boolean')
          ? `; put it in quotes: "${found}"`
          : '';
      return [source.at(path, `${where(path)} must be ${wanted.join(' or ')}, not ${show(found)}${quote}`)];
    }
    default:
      return [source.at(path, `${where(path)} ${error.message}`)];
  }
}

function unknownField(name: string, path: Path, known: readonly string[]): string {
  const place = path.length === 0 ? 'the policy' : where(path);
  return `unknown field "${name}" in ${place}${didYouMean(nearest(name, known)) || `; known are ${known.join(', ')}`}`;
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(word: string | undefined): string {
  return word === undefined ? '' : `; did you mean "${word}"?`;
}

/** A path as people write it: `zones.real.tolerations[0].effect`. */
export function where(path: Path): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return path.length === 0 ? 'the policy' : text.replace(/^\./, '');
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
function fieldsAt(schemaPath: string): string[] {
  const properties = valueAt(policyFile, [...pathOf(schemaPath), 'properties']);
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutNulls);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => [key, withoutNulls(member)]),
  );
}
