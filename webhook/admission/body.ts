import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { Problem } from '../../core/problem/problem.ts';

/** Kubernetes' own objects end at 3 MiB; a review may hold two of them. */
export const mostBytes = 7 * 1024 * 1024;

/** The API server sends a review in one go, and waits for its answer no longer than 30 s. */
const bodyMs = 10_000;

/** @throws Problem MEDIA_TYPE_UNSUPPORTED, REVIEW_TOO_LARGE: all that the headers alone tell. */
export function checkHeaders({ headers }: IncomingMessage): void {
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
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const limit = setTimeout(() => reject(tooSlow()), bodyMs);
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= mostBytes) {
        chunks.push(chunk);
        return;
      }
      // The rest is read and thrown away by the server, so that the caller gets to see the answer.
      chunks.length = 0;
      reject(tooLarge());
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
