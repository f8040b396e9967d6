import type { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { checkHeaders, readBody } from './body.ts';
import type { Explainer } from './explainer.ts';
import type { Metrics } from './metrics.ts';
import type { Reviewer } from './reviewer.ts';
import { send } from './send.ts';
import type { Verdict } from './verdict.ts';

/** What answers a request. @throws Problem, which becomes the answer. */
export type Endpoint = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** Endpoints by path, then by method. */
export type Routes = ReadonlyMap<string, ReadonlyMap<string, Endpoint>>;

export interface RoutesParts {
  readonly mutate: Reviewer;
  readonly validate: Reviewer;
  readonly explain: Explainer;
  readonly metrics: Metrics;
  /** Why the webhook is not ready, or null when it is. */
  readonly notReady: () => string | null;
  readonly told: (path: string, verdict: Verdict, facts: object) => void;
}

export function routes(parts: RoutesParts): Routes {
  const looking = (endpoint: Endpoint) =>
    new Map([
      ['GET', endpoint],
      ['HEAD', endpoint],
    ]);
  const plain = 'text/plain; charset=utf-8';
  return new Map([
    ['/mutate', new Map([['POST', reviewing('/mutate', parts.mutate, parts)]])],
    ['/validate', new Map([['POST', reviewing('/validate', parts.validate, parts)]])],
    ['/explain', new Map([['POST', explaining(parts.explain)]])],
    ['/healthz', looking((_, response) => send(response, 200, plain, 'ok\n'))],
    [
      '/readyz',
      looking((_, response) => {
        const reason = parts.notReady();
        send(response, reason === null ? 200 : 503, plain, `${reason ?? 'ok'}\n`);
      }),
    ],
    [
      '/metrics',
      looking(async (_, response) => {
        const { registry } = parts.metrics;
        send(response, 200, registry.contentType, await registry.metrics());
      }),
    ],
  ]);
}

function reviewing(path: string, reviewer: Reviewer, { metrics, told }: RoutesParts): Endpoint {
  return async (request, response) => {
    const start = performance.now();
    const { body, verdict, uid, namespace } = await reviewer.review(await bodyOf(request, response));
    send(response, 200, 'application/json', body);
    metrics.review(path, verdict.kind, verdict.reason, (performance.now() - start) / 1000);
    told(path, verdict, { uid, namespace });
  };
}

function explaining(explainer: Explainer): Endpoint {
  return async (request, response) => {
    const report = await explainer.explain(await bodyOf(request, response));
    send(response, 200, 'application/json', `${JSON.stringify(report)}\n`);
  };
}

/** The whole body, if the headers are right. @throws Problem MEDIA_TYPE_UNSUPPORTED, REVIEW_TOO_LARGE */
function bodyOf(request: IncomingMessage, response: ServerResponse): Promise<Buffer> {
  checkHeaders(request);
  if (request.headers.expect !== undefined) {
    response.writeContinue();
  }
  return readBody(request);
}
