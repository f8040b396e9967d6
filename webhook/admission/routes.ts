import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { Bodies } from './body.ts';
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
  const bodies = new Bodies();
  const plain = 'text/plain; charset=utf-8';
  return new Map([
    ['/mutate', new Map([['POST', reviewing('/mutate', parts.mutate, bodies, parts)]])],
    ['/validate', new Map([['POST', reviewing('/validate', parts.validate, bodies, parts)]])],
    ['/explain', new Map([['POST', explaining(parts.explain, bodies)]])],
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

function reviewing(
  path: string,
  reviewer: Reviewer,
  bodies: Bodies,
  { metrics, told }: RoutesParts,
): Endpoint {
  return async (request, response) => {
    const start = performance.now();
    const reviewed = await bodies.with(request, response, (bytes) => reviewer.review(bytes));
    const { body, verdict, uid, namespace } = reviewed;
    send(response, 200, 'application/json', body);
    metrics.review(path, verdict.kind, verdict.reason, (performance.now() - start) / 1000);
    told(path, verdict, { uid, namespace });
  };
}

function explaining(explainer: Explainer, bodies: Bodies): Endpoint {
  return async (request, response) => {
    const report = await bodies.with(request, response, (bytes) => explainer.explain(bytes));
    send(response, 200, 'application/json', `${JSON.stringify(report)}\n`);
  };
}
