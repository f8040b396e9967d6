import type { FastifyInstance } from 'fastify';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { countMembers, membersOf, repeatedMember } from './json-text.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The JSON of a body; an empty one is no body.
 *
 * A field called `__proto__` stays a field of its own here, and the schemas refuse it as unknown.
 *
 * @throws Problem INVALID_JSON, also for octets that are not UTF-8 (RFC 8259 §8.1)
 * @throws Problem INVALID_REQUEST for a field that is there twice: parsers differ in which of the two they take
 */
export function parseBody(octets: Uint8Array): unknown {
  if (octets.length === 0) {
    return undefined;
  }
  const members = countMembers(octets);
  const text = decode(octets);
  const value = parse(text);
  // Counting is cheap; only what has lost members is read again, for their name.
  if (membersOf(value) !== members) {
    const field = repeatedMember(text) ?? '';
    throw new Problem('INVALID_REQUEST', `body: the field "${field}" is there twice`, { field });
  }
  return value;
}

function decode(octets: Uint8Array): string {
  try {
    return utf8.decode(octets);
  } catch (error) {
    throw new Problem('INVALID_JSON', 'the body is not UTF-8', {}, error);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem('INVALID_JSON', `the body is not JSON: ${reasonOf(error)}`, {}, error);
  }
}

/** Takes JSON bodies, and only those. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_: unknown, octets: Buffer) =>
    parseBody(octets),
  );
}
