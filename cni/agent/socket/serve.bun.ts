import type { Logger } from 'winston';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import { mistakeOf, problemAnswer, type SocketAnswer } from './problem-answer.ts';
import type { Route } from './router.ts';
import { Router } from './router.ts';

/**
 * Seconds that a connection may be without a word: longer than any call waits. Bun heeds it on unix sockets, too (it
 * gives up after ten without it); only its types don't have it there.
 */
const patience: object = { idleTimeout: 120 };

/** The agent's socket, listening. */
export interface Listening {
  /** New calls are refused from now on; kept once those begun are answered, and the socket's file is gone. */
  stop(): Promise<void>;
}

/**
 * Listens on a unix socket that only root may use, from its first moment on.
 *
 * @throws Problem AGENT_SOCKET_UNUSABLE
 */
export function listen(path: string, routes: readonly Route[], log: Logger): Listening {
  const router = new Router(routes);
  let isStopping = false;
  const before = process.umask(0o177);
  try {
    const server = Bun.serve({
      unix: path,
      ...patience,
      // Refused by our own words, with a code, far earlier.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      fetch: async (request) => responseOf(await answerTo(router, request, log, isStopping)),
      error: (error) => responseOf(problemAnswer(error)),
    });
    return {
      stop: async () => {
        isStopping = true;
        await server.stop();
      },
    };
  } catch (error) {
    throw new Problem('AGENT_SOCKET_UNUSABLE', `${path}: ${reasonOf(error)}`, {}, error);
  } finally {
    process.umask(before);
  }
}

async function answerTo(
  router: Router,
  request: Request,
  log: Logger,
  isStopping: boolean,
): Promise<SocketAnswer> {
  try {
    const { route, call } = router.find(request);
    if (isStopping) {
      throw new Problem('SHUTTING_DOWN', 'the agent is stopping');
    }
    return await route.answer(call);
  } catch (error) {
    const stack = mistakeOf(error);
    if (stack !== undefined) {
      log.error('a call failed inside the agent', { method: request.method, url: request.url, stack });
    }
    return problemAnswer(error);
  }
}

function responseOf({
  status,
  body,
  type = 'application/json; charset=utf-8',
  headers,
}: SocketAnswer): Response {
  return body === undefined
    ? new Response(null, { status, headers: { ...headers } })
    : new Response(body, { status, headers: { 'content-type': type, ...headers } });
}
