import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Problem } from '../../core/problem/problem.ts';
import { collectGarbage } from '../small-heap.ts';
import { Room } from './room.ts';

/** Kubernetes' own objects end at 3 MiB; a review may hold two of them. */
export const mostBytes = 7 * 1024 * 1024;

/** Pods of a usual size have a room of their own, so that large ones keep none of them waiting. */
const smallBytes = 64 * 1024;
const roomBytes = { small: 8 * 1024 * 1024, large: 16 * 1024 * 1024 } as const;
/** The API server waits two seconds, as the manifests have it. */
const waitMs = 1_000;
/** So many bytes of large bodies may lie about as garbage. */
const garbageBytes = 4 * 1024 * 1024;

/** The API server sends a review in one go, and waits for its answer no longer than 30 s. */
const bodyMs = 10_000;

/** Reads bodies, of which no more than 24 MiB are held at a time. */
export class Bodies {
  readonly #small = new Room(roomBytes.small, waitMs);
  readonly #large = new Room(roomBytes.large, waitMs);
  #garbage = 0;

  /**
   * What `use` makes of the whole body; until then the body counts as held.
   *
   * @throws Problem MEDIA_TYPE_UNSUPPORTED, REVIEW_TOO_LARGE, REVIEW_TOO_SLOW, WEBHOOK_BUSY; an Error when the caller
   * goes away before the end of the body
   */
  async with<T>(
    request: IncomingMessage,
    response: ServerResponse,
    use: (bytes: Buffer) => Promise<T>,
  ): Promise<T> {
    checkHeaders(request);
    const left = new AbortController();
    response.once('close', () => left.abort());
    // Whose length is not said may be of any.
    const bytes = Number(request.headers['content-length'] ?? mostBytes);
    const room = bytes <= smallBytes ? this.#small : this.#large;
    const giveBack = await room.take(bytes, left.signal);
    try {
      if (request.headers.expect !== undefined) {
        response.writeContinue();
      }
      return await use(await readBody(request));
    } finally {
      if (room === this.#large) {
        this.#collect(bytes);
      }
      giveBack();
    }
  }

  /** A body that is given back is garbage still, in memory. */
  #collect(bytes: number): void {
    this.#garbage += bytes;
    if (this.#garbage >= garbageBytes) {
      this.#garbage = 0;
      collectGarbage();
    }
  }
}

/** @throws Problem MEDIA_TYPE_UNSUPPORTED, REVIEW_TOO_LARGE: all that the headers alone tell. */
function checkHeaders({ headers }: IncomingMessage): void {
  const type = headers['content-type'] ?? '';
  if (type.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') {
    throw new Problem('MEDIA_TYPE_UNSUPPORTED', `the content type is "${type}", not application/json`);
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new Problem(
      'MEDIA_TYPE_UNSUPPORTED',
      `the body is encoded as ${encoding}, which is not decoded here`,
    );
  }
  if (Number(headers['content-length'] ?? 0) > mostBytes) {
    throw tooLarge();
  }
}

/**
 * The whole body.
 *
 * @throws Problem REVIEW_TOO_LARGE as soon as it is, REVIEW_TOO_SLOW; an Error when the caller goes away before its end.
 */
function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    // The rest is read and thrown away by the server, so that the caller gets to see the answer.
    const refuse = (problem: Problem) => {
      size = Number.POSITIVE_INFINITY;
      chunks.length = 0;
      reject(problem);
    };
    const limit = setTimeout(() => refuse(tooSlow()), bodyMs);
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= mostBytes) {
        chunks.push(chunk);
      } else {
        refuse(tooLarge());
      }
    });
    request.once('end', () => {
      clearTimeout(limit);
      resolve(Buffer.concat(chunks));
    });
    request.once('error', reject);
    request.once('close', () => {
      clearTimeout(limit);
      reject(new Error('the caller went away'));
    });
  });
}

function tooLarge(): Problem {
  return new Problem('REVIEW_TOO_LARGE', `the body has more than ${mostBytes} bytes`);
}

function tooSlow(): Problem {
  return new Problem('REVIEW_TOO_SLOW', `the body has not come within ${bodyMs / 1000} s`);
}
