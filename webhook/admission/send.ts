import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { Problem } from '../../core/problem/problem.ts';

/** One whole answer. */
export function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** RFC 9457. */
export function sendProblem(response: ServerResponse, problem: Problem): void {
  const { title, status = 500 } = problem.kind;
  const body = { type: 'about:blank', title, status, detail: problem.message, code: problem.code };
  send(response, status, 'application/problem+json', `${JSON.stringify(body)}\n`);
}
