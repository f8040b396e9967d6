import { request } from 'node:http';
import type { Answer } from '../server/answer.ts';

export interface SocketCall {
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly raw?: string;
  readonly token?: string;
  readonly headers?: Record<string, string>;
  /** Until it is given up; 5 s. */
  readonly withinMs?: number;
}

/** One HTTP call over a unix socket; @throws Error when there is no answer in time */
export function callSocket(
  socketPath: string,
  method: string,
  path: string,
  { body, raw, token, headers, withinMs = 5000 }: SocketCall = {},
): Promise<Answer> {
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const all = {
    ...(payload === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(payload)}` }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path, headers: all, agent: false }, async (message) => {
      let text = '';
      message.setEncoding('utf8');
      for await (const part of message) {
        text += part;
      }
      const isJson = /json/.test(message.headers['content-type'] ?? '') && text !== '';
      resolve({
        status: message.statusCode ?? 0,
        headers: message.headers,
        text,
        body: isJson ? JSON.parse(text) : undefined,
      });
    });
    const timer = setTimeout(
      () => call.destroy(new Error(`${method} ${path}: no answer within ${withinMs} ms`)),
      withinMs,
    );
    call.on('close', () => clearTimeout(timer));
    call.on('error', reject);
    call.end(payload);
  });
}
