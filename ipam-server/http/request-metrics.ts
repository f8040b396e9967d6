import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Metrics } from './metrics.ts';

/** Kinds of calls, as metrics tell them apart. */
type Operation = 'allocate' | 'release' | 'batch' | 'conflict' | 'edit' | 'read' | 'watch' | 'sync' | 'probe';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Told by the route where it is neither an edit nor a read. */
    readonly operation?: Operation;
  }
}

/** The kind of a call: as its route tells, else by its method. */
export function operationOf({ method, routeOptions: { config } }: FastifyRequest): Operation {
  return config.operation ?? (method === 'GET' || method === 'HEAD' ? 'read' : 'edit');
}

/** Counts requests and answers, and measures how long they take; a watch has no end to measure. */
export function countRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (operationOf(request) !== 'watch') {
      metrics.inFlight.inc();
      // A client that goes away before its request is whole gets no answer: fastify's onResponse never comes.
      reply.raw.once('close', () => metrics.inFlight.dec());
    }
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const operation = operationOf(request);
    if (operation !== 'watch') {
      metrics.requestSeconds.observe({ operation }, reply.elapsedTime / 1000);
    }
    metrics.answers.inc({ method: request.method, status: `${Math.trunc(reply.statusCode / 100)}xx` });
    done();
  });
}
