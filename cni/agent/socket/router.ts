import { Problem } from '../../../core/problem/problem.ts';
import type { SocketAnswer } from './problem-answer.ts';

/** A call as its route sees it. */
export interface SocketCall {
  /** What stood for each `*` of the route, decoded. */
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  /** With its `?`, or empty. */
  readonly search: string;
  readonly request: Request;
  /** Under which the caller's and the server's logs have it. */
  readonly id: string | undefined;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `*` stands for one segment of the path; an end such as `:conflict` stays outside it. */
  readonly path: string;
  readonly answer: (call: SocketCall) => SocketAnswer | Promise<SocketAnswer>;
}

/** What of a client's id goes on: nothing that could end or forge a line. */
const acceptableId = /^[\w.:-]{1,64}$/;

/** Finds the route of a request; @throws Problem ROUTE_UNKNOWN, METHOD_NOT_ALLOWED with `allow`, INVALID_REQUEST */
export class Router {
  readonly #routes: readonly { readonly route: Route; readonly pattern: RegExp }[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ route, pattern: patternOf(route.path) }));
  }

  find(request: Request): { readonly route: Route; readonly call: SocketCall } {
    const { pathname, search, searchParams } = new URL(request.url);
    const known = this.#routes.flatMap(({ route, pattern }) => {
      const match = pattern.exec(pathname);
      return match === null ? [] : [{ route, parts: match.slice(1) }];
    });
    const found = known.find(({ route }) => route.method === request.method);
    if (found === undefined && known.length > 0) {
      const allow = [...new Set(known.map(({ route }) => route.method))].sort().join(', ');
      throw new Problem(
        'METHOD_NOT_ALLOWED',
        `${pathname} does not know ${request.method}; it knows ${allow}`,
        {
          allow,
        },
      );
    }
    if (found === undefined) {
      throw new Problem('ROUTE_UNKNOWN', `there is no ${pathname}`);
    }
    const given = request.headers.get('x-request-id') ?? '';
    const call = {
      parts: found.parts.map(decoded),
      query: queryOf(searchParams),
      search,
      request,
      id: acceptableId.test(given) ? given : undefined,
    };
    return { route: found.route, call };
  }
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '([^/]+?)')}$`);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new Problem('INVALID_REQUEST', `"${part}" is no part of a path`, {}, error);
  }
}

function queryOf(params: URLSearchParams): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of params) {
    if (Object.hasOwn(query, name)) {
      throw new Problem('INVALID_REQUEST', `querystring: "${name}" is there more than once`, { field: name });
    }
    query[name] = value;
  }
  return query;
}
