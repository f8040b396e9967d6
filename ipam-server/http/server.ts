import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import type { Logger } from 'winston';
import { Problem } from '../../core/problem/problem.ts';
import type { Pods } from '../kube/pods.ts';
import type { Elected } from '../seat/elected.ts';
import type { Keeper } from '../store/keeper.ts';
import { guard } from './access.ts';
import { answerBrokenRequest } from './broken-requests.ts';
import type { Authenticator } from './caller.ts';
import { errorHandler, problemOf } from './errors.ts';
import { ExhaustionLog } from './exhaustion-log.ts';
import { Forwarding } from './forward/forwarding.ts';
import { readJsonBodies } from './json-body.ts';
import { answerUnknownRoutes } from './methods.ts';
import type { Metrics } from './metrics.ts';
import { describeRoutes } from './openapi/document.ts';
import { shedLoad } from './overload.ts';
import { sendProblem } from './problem-answer.ts';
import { parseQuery, refuseUnknownQueries } from './query.ts';
import { requestIdOf } from './request-id.ts';
import { logRequests } from './request-log.ts';
import { countRequests } from './request-metrics.ts';
import { addressRoutes } from './routes/addresses.ts';
import { allocationRoutes } from './routes/allocations.ts';
import { backupRoutes } from './routes/backup.ts';
import { batchRoutes } from './routes/batch.ts';
import { conflictRoutes } from './routes/conflicts.ts';
import { epochRoutes } from './routes/epoch.ts';
import { eventRoutes } from './routes/events.ts';
import { historyRoutes } from './routes/history.ts';
import { kindRoutes } from './routes/kinds.ts';
import { nodeRoutes } from './routes/nodes.ts';
import { pageRoutes } from './routes/pages.ts';
import { probeRoutes } from './routes/probes.ts';
import { reserveRoutes } from './routes/reserve.ts';
import { watchRoutes } from './routes/watch.ts';
import { ajvOptions } from './validation.ts';
import type { Watchers } from './watch/watchers.ts';

export interface HttpParts {
  readonly keeper: Keeper;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Null without --kube. */
  readonly pods: Pods | null;
  /** Null where tokens are not asked for. */
  readonly authenticator: Authenticator | null;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  readonly isStopping: () => boolean;
  readonly watchers: Watchers;
  /** Null for a server on a store of its own. */
  readonly seat: Elected | null;
}

/** Longest body of a call, in octets. */
const bodyLimit = 1024 * 1024;

const options: FastifyServerOptions = {
  bodyLimit,
  // Names have up to 256 characters; each may be written with three.
  routerOptions: { maxParamLength: 1024, querystringParser: parseQuery },
  // A header or body must come in time, or a slow client holds a connection for ever.
  requestTimeout: 30_000,
  keepAliveTimeout: 90_000,
  // Nothing came or went for so long: who does not read his answer must not keep it in memory for ever.
  connectionTimeout: 120_000,
  logger: false,
  requestIdHeader: false,
  genReqId: (message) => requestIdOf(message),
  ajv: { customOptions: ajvOptions },
  clientErrorHandler: answerBrokenRequest,
  // Refused in our own words, by the hook below.
  return503OnClosing: false,
  serializerOpts: { ajv: { formats: ajvOptions.formats } },
  // What cannot be routed at all, such as a malformed URL.
  frameworkErrors: (error, _, reply) => void sendProblem(reply, problemOf(error)),
};

/** Milliseconds in which headers must come, as bodies must, and between two looks for those that are late. */
const lookEvery = { headersTimeout: 30_000, connectionsCheckingInterval: 5_000 };

/** The HTTP server with all its routes, not listening yet. */
export async function httpServer(parts: HttpParts): Promise<FastifyInstance> {
  const { keeper, metrics, log } = parts;
  const https = parts.tls && { cert: parts.tls.cert, key: parts.tls.key };
  const app: FastifyInstance = fastify({
    ...options,
    ...(https === null ? { http: lookEvery } : { https: { ...https, ...lookEvery } }),
  });
  const exhaustion = new ExhaustionLog(log);
  app.setErrorHandler(errorHandler(log, exhaustion));
  readJsonBodies(app);
  countRequests(app, metrics);
  logRequests(app, log);
  app.addHook('onRequest', async (request) => {
    if (parts.isStopping() && request.routeOptions.config.access !== 'nobody') {
      throw new Problem('SHUTTING_DOWN', 'the server is stopping');
    }
  });
  const forwarding = parts.seat && new Forwarding(parts.seat);
  app.decorateRequest('forwardedFor', null);
  forwarding?.receive(app);
  guard(app, parts.authenticator);
  const enter = shedLoad(app, metrics);
  forwarding?.send(app, enter);
  answerUnknownRoutes(app);
  refuseUnknownQueries(app);
  await describeRoutes(app);
  app.after(() => {
    const typed = app.withTypeProvider<TypeBoxTypeProvider>();
    kindRoutes(app, keeper);
    allocationRoutes(typed, keeper, metrics, parts.pods);
    batchRoutes(app, keeper, metrics, { log, exhaustion, pods: parts.pods });
    addressRoutes(typed, keeper);
    conflictRoutes(typed, keeper, metrics, log);
    nodeRoutes(typed, keeper, metrics, log);
    reserveRoutes(typed, keeper, metrics, log);
    epochRoutes(typed, keeper);
    historyRoutes(typed, keeper);
    eventRoutes(typed, keeper);
    watchRoutes(typed, keeper, parts.watchers, parts.authenticator);
    probeRoutes(typed, { keeper, seat: parts.seat, isStopping: parts.isStopping });
    backupRoutes(app, keeper);
    pageRoutes(app, metrics);
  });
  await app.ready();
  return app;
}
