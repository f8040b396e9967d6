import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import { Problem } from '../../core/problem/problem.ts';
import { type FormatName, formats, matches, whyNot } from '../../schema/format.ts';

function isFormat(name: unknown): name is FormatName {
  return typeof name === 'string' && name in formats;
}

/** Ajv’s options: nothing is mended silently, and the formats are those of schema/format.ts. */
export const ajvOptions = {
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  allErrors: false,
  verbose: true,
  formats: Object.fromEntries(
    Object.keys(formats)
      .filter(isFormat)
      .map((name) => [name, (text: string) => matches(name, text)]),
  ),
} as const;

/** What Ajv found wrong with a request, as a problem that names the field. */
export function invalidRequest(where: string, found: FastifySchemaValidationError): Problem {
  const field = fieldOf(found);
  const facts = field === '' ? {} : { field };
  const format = found.params['format'];
  if (found.keyword === 'format' && isFormat(format)) {
    const reason = whyNot(format, String((found as { data?: unknown }).data));
    if (reason !== null) {
      return new Problem(reason.code, `${field}: ${reason.message}`, facts);
    }
  }
  return new Problem('INVALID_REQUEST', `${where}: ${complaint(where, field, found)}`, facts);
}

function complaint(where: string, field: string, found: FastifySchemaValidationError): string {
  // A query’s parser makes a list of what is repeated.
  if (where === 'querystring' && Array.isArray((found as { data?: unknown }).data)) {
    return `"${field}" is there more than once`;
  }
  switch (found.keyword) {
    case 'additionalProperties':
      return `unknown field "${field}"`;
    case 'required':
      return `the field "${field}" is missing`;
    default:
      return `${field === '' ? 'it' : `"${field}"`} ${found.message ?? 'is not valid'}`;
  }
}

/** The path of the field at fault, with dots: `pod.name`, `routes.0.dst`. */
function fieldOf(found: FastifySchemaValidationError): string {
  const at = found.instancePath.split('/').slice(1).map(unescapePointer);
  const extra = found.params['additionalProperty'] ?? found.params['missingProperty'];
  return [...at, ...(typeof extra === 'string' ? [extra] : [])].join('.');
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
