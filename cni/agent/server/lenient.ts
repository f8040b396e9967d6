import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Problem } from '../../../core/problem/problem.ts';
import { registerFormats } from '../formats.ts';

registerFormats();

/** A schema that takes fields which it doesn't know: servers are upgraded first. */
function withoutLimits(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(withoutLimits);
  }
  if (typeof schema !== 'object' || schema === null) {
    return schema;
  }
  const entries = Object.entries(schema).filter(
    ([key, value]) => key !== 'additionalProperties' || value !== false,
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutLimits(value)]));
}

/**
 * Reads an answer of a schema from JSON text, fields that are unknown passed over.
 *
 * @throws Problem IPAM_ANSWER_UNREADABLE
 */
export function readerOf<Schema extends TSchema>(schema: Schema): (text: string) => Static<Schema> {
  const validator = Compile(withoutLimits(schema) as Schema);
  return (text) => {
    const value = parse(text);
    if (!validator.Check(value)) {
      const [{ instancePath, message } = { instancePath: '', message: 'is not as it should be' }] =
        validator.Errors(value);
      const words = `the IPAM server's answer is not readable: ${instancePath} ${message}`;
      throw new Problem('IPAM_ANSWER_UNREADABLE', words);
    }
    return value;
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('IPAM_ANSWER_UNREADABLE', "the IPAM server's answer is not readable: it is no JSON");
  }
}
