import type { FastifyInstance } from 'fastify';
import type { Logger } from 'winston';
import { actorOf, type Caller } from './caller.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** An admin’s edit is logged at info, everything else at debug. */
    readonly isEdit?: boolean;
  }
}

const probes: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Logs requests once they are answered, under the id that their client sent in `X-Request-Id` or that they were
 * given; the answer carries it. Probes are never logged.
 */
export function logRequests(app: FastifyInstance, log: Logger): void {
  // Asked once: a level that is off must cost nothing at ten thousand calls a second.
  const isDebug = log.isDebugEnabled();
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { isEdit = false } = request.routeOptions.config;
    if ((isEdit || isDebug) && !probes.has(request.url)) {
      log.log(isEdit ? 'info' : 'debug', 'answered', {
        request: request.id,
        caller: callerOf(request),
        method: request.method,
        url: request.url,
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime * 1000) / 1000,
      });
    }
    done();
  });
}

/** Absent where nobody was asked who he is. */
function callerOf({ caller }: { readonly caller?: Caller }): string | undefined {
  return caller && actorOf(caller);
}
