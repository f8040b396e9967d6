import { Problem, reasonOf } from '../../../core/problem/problem.ts';

/** Longest body of a call, in octets. */
const bodyLimit = 1024 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The JSON of a request's body; undefined when it has none.
 *
 * @throws Problem BODY_TOO_LARGE, MEDIA_TYPE_UNSUPPORTED, INVALID_JSON
 */
export async function readBody(request: Request): Promise<unknown> {
  const octets = await octetsOf(request);
  if (octets.length === 0) {
    return undefined;
  }
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json *(?:;|$)/i.test(type)) {
    throw new Problem('MEDIA_TYPE_UNSUPPORTED', `"${type}" is not application/json`);
  }
  try {
    return JSON.parse(utf8.decode(octets));
  } catch (error) {
    throw new Problem('INVALID_JSON', `the body is not JSON in UTF-8: ${reasonOf(error)}`, {}, error);
  }
}

/** Read piece by piece, so that whoever sends without end is refused, not kept in memory. */
async function octetsOf({ body, headers }: Request): Promise<Uint8Array> {
  if (Number(headers.get('content-length') ?? 0) > bodyLimit) {
    throw tooLarge();
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    size += piece.length;
    if (size > bodyLimit) {
      throw tooLarge();
    }
    pieces.push(piece);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function tooLarge(): Problem {
  return new Problem('BODY_TOO_LARGE', `the body has more than ${bodyLimit} octets`);
}
