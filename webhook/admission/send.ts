import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import type { Problem } from '../../core/problem/problem.ts';

/** One whole answer. */
export function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** How long a caller may go on sending a body that nobody wants. */
const lingerMs = 5_000;

/**
 * RFC 9457. The answer goes out at once, whole; the connection stays until the caller has finished sending,
 * because closing it earlier makes the caller's kernel throw the answer away (RFC 9112 §9.6).
 */
export function sendProblem(response: ServerResponse, problem: Problem): void {
  const { title, status = 500 } = problem.kind;
  const detail = { type: 'about:blank', title, status, detail: problem.message, code: problem.code };
  const body = `${JSON.stringify(detail)}\n`;
  const length = Buffer.byteLength(body);
  response.writeHead(status, {
    'Content-Type': 'application/problem+json',
    'Content-Length': length,
    ...(status === 503 ? { 'Retry-After': '1' } : {}),
  });
  response.write(body);

  const { req: request } = response;
  const limit = setTimeout(() => request.destroy(), lingerMs);
  finished(request, () => {
    clearTimeout(limit);
    response.end();
  });
  request.resume();
}
