import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Server } from './process.ts';

/** What came of many calls: how often each status, or the code of an error. */
export type Tally = Map<number | string, number>;

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

export interface Storm {
  readonly tally: Tally;
  /** Answers with 503 that had no Retry-After. */
  readonly withoutRetryAfter: number;
}

/** Makes so many calls at a time, each over a connection of its own. */
export async function storm(
  server: Server,
  clients: number,
  callOf: (index: number) => Call,
): Promise<Storm> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const tally: Tally = new Map();
  let withoutRetryAfter = 0;
  const client = async (index: number) => {
    const { status, retryAfter } = await one(server, agent, callOf(index));
    tally.set(status, (tally.get(status) ?? 0) + 1);
    withoutRetryAfter += status === 503 && retryAfter === undefined ? 1 : 0;
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  agent.destroy();
  return { tally, withoutRetryAfter };
}

function one(
  server: Server,
  agent: Agent,
  { method, path, body }: Call,
): Promise<{ status: number | string; retryAfter?: string | undefined }> {
  return new Promise((resolve) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const call = httpRequest(`${server.url}${path}`, { method, agent, headers }, (message) => {
      message.resume();
      message.on('end', () =>
        resolve({ status: message.statusCode ?? 0, retryAfter: message.headers['retry-after'] }),
      );
      message.on('error', () => resolve({ status: 'cut' }));
    });
    call.on('error', (error: NodeJS.ErrnoException) => resolve({ status: error.code ?? error.message }));
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Opens a connection and sends `text` over it; what comes back is gathered in `answer`. */
export async function speak(server: Server, text: string): Promise<{ socket: Socket; answer: () => string }> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (data) => {
    answer += data;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return { socket, answer: () => answer };
}
