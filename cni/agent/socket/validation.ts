import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Problem } from '../../../core/problem/problem.ts';
import { type FormatName, formats, whyNot } from '../../../schema/format.ts';
import { registerFormats } from '../formats.ts';

registerFormats();

/** Where in a request something is wrong. */
type Where = 'body' | 'querystring' | 'params';

/**
 * Validates as strictly as the server does, and in its words.
 *
 * @returns a check that throws Problem INVALID_REQUEST, or the format's own code, naming the field
 */
export function checkerOf<Schema extends TSchema>(
  where: Where,
  schema: Schema,
): (value: unknown) => Static<Schema> {
  const validator = Compile(schema);
  return (value) => {
    if (validator.Check(value)) {
      return value;
    }
    // What is refused by `additionalProperties` is told twice, first as a schema that is false.
    const found = validator.Errors(value).filter(({ keyword }) => keyword !== 'boolean')[0];
    throw complaint(where, value, found);
  };
}

type Found = ReturnType<ReturnType<typeof Compile>['Errors']>[number];

function complaint(where: Where, value: unknown, found: Found | undefined): Problem {
  const path = (found?.instancePath ?? '').split('/').slice(1).map(unescapePointer);
  if (found?.keyword === 'additionalProperties' || found?.keyword === 'required') {
    const names =
      found.keyword === 'required' ? found.params.requiredProperties : found.params.additionalProperties;
    const field = [...path, ...names.slice(0, 1)].join('.');
    const words =
      found.keyword === 'required' ? `the field "${field}" is missing` : `unknown field "${field}"`;
    return new Problem('INVALID_REQUEST', `${where}: ${words}`, { field });
  }
  const field = path.join('.');
  const facts = field === '' ? {} : { field };
  if (found?.keyword === 'format' && isFormat(found.params.format)) {
    const reason = whyNot(found.params.format, String(at(value, path)));
    if (reason !== null) {
      return new Problem(reason.code, `${field}: ${reason.message}`, facts);
    }
  }
  const what = field === '' ? 'it' : `"${field}"`;
  return new Problem('INVALID_REQUEST', `${where}: ${what} ${found?.message ?? 'is not valid'}`, facts);
}

function at(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    found = (found as Record<string, unknown> | undefined)?.[name];
  }
  return found;
}

function isFormat(name: string): name is FormatName {
  return name in formats;
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
