import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../core/problem/problem.ts';
import { sendProblem } from './problem-answer.ts';
import { routeParts } from './route-parts.ts';

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Notes each route, so that a known path with another method is 405 with `Allow`, and any other path 404. */
export function answerUnknownRoutes(app: FastifyInstance): void {
  const paths = new Map<string, KnownPath>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = paths.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    paths.set(url, known);
    for (const each of [method].flat()) {
      known.methods.add(each);
    }
  });
  app.addHook('onRequest', (request, reply, done) => {
    const meant = colon.test(request.url) ? verbPath(paths, pathOf(request), request.routeOptions.url) : null;
    if (meant === null) {
      done();
    } else {
      refuseMethod(request, reply, [...meant.methods]);
    }
  });
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request);
    const methods = [...paths.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((known) => [...known.methods]);
    if (methods.length === 0) {
      return sendProblem(reply, new Problem('ROUTE_UNKNOWN', `there is no ${path}`));
    }
    return refuseMethod(request, reply, methods);
  });
}

const colon = /:|%3a/i;

/** The path without the query; the colon before a verb may come percent-encoded. */
function pathOf({ url }: FastifyRequest): string {
  return (url.split('?', 1)[0] ?? '').replace(/%3a/gi, ':');
}

/** The path with a verb, such as `:conflict`, where the router took the verb for the end of a name. */
function verbPath(paths: Map<string, KnownPath>, path: string, routed: string | undefined): KnownPath | null {
  for (const [url, known] of paths) {
    if (url.includes('::') && url !== routed && known.pattern.test(path)) {
      return known;
    }
  }
  return null;
}

function refuseMethod(
  request: FastifyRequest,
  reply: FastifyReply,
  methods: readonly string[],
): FastifyReply {
  const allowed = [...new Set(methods)].sort().join(', ');
  reply.header('allow', allowed);
  const detail = `${pathOf(request)} does not know ${request.method}; it knows ${allowed}`;
  return sendProblem(reply, new Problem('METHOD_NOT_ALLOWED', detail));
}

/** `/v1/zones/:zone` as an expression over paths. */
function patternOf(url: string): RegExp {
  const parts = routeParts(url).map((part) =>
    'parameter' in part ? '[^/]*' : part.literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return new RegExp(`^${parts.join('')}$`);
}
