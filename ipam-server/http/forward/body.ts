import type { FastifyRequest } from 'fastify';
import { Problem } from '../../../core/problem/problem.ts';
import { bodyTooLarge } from '../errors.ts';

/**
 * The whole body of a call as it came; kept, because it is sent again when the leader changes meanwhile.
 *
 * @returns null where the call announces none
 * @throws Problem BODY_TOO_LARGE, INVALID_REQUEST when its client goes away
 */
export async function bodyOf({ raw, headers, routeOptions }: FastifyRequest): Promise<Buffer | null> {
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    return null;
  }
  const { bodyLimit } = routeOptions;
  const check = (length: number) => {
    if (length > bodyLimit) {
      throw bodyTooLarge(bodyLimit);
    }
  };
  check(Number(headers['content-length'] ?? 0));
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of raw) {
      length += part.length;
      check(length);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof Problem) {
      throw error;
    }
    throw new Problem('INVALID_REQUEST', 'the body did not come to its end', {}, error);
  }
  return Buffer.concat(parts);
}
