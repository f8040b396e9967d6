import type { FastifyInstance } from 'fastify';
import { Problem, reasonOf } from '../../core/problem/problem.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The JSON of a body; an empty one is no body.
 *
 * A field called `__proto__` stays a field of its own here, and the schemas refuse it as unknown.
 *
 * @throws Problem INVALID_JSON, also for octets that are not UTF-8 (RFC 8259 §8.1)
 */
export function parseBody(octets: Uint8Array): unknown {
  if (octets.length === 0) {
    return undefined;
  }
  try {
    return JSON.parse(utf8.decode(octets));
  } catch (error) {
    throw new Problem('INVALID_JSON', `the body is not JSON in UTF-8: ${reasonOf(error)}`, {}, error);
  }
}

/** Takes JSON bodies, and only those. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_: unknown, octets: Buffer) =>
    parseBody(octets),
  );
}
