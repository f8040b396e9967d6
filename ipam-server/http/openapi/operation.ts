import type { FastifySchema, RouteOptions } from 'fastify';
import type { ProblemCode } from '../../../core/problem/registry.ts';
import type { Access } from '../access.ts';
import { templateOf } from '../route-parts.ts';
import { exampleOf } from './example.ts';
import { operationIdOf } from './operation-id.ts';
import { codesOf } from './problems.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The codes that this call may answer, beside those that go with its shape: for the description. */
    readonly problems?: readonly ProblemCode[];
    /** Whether an answer carries the object’s ETag. */
    readonly hasEtag?: boolean;
  }
}

/** Where an operation’s codes stand until the whole description is put together. */
export const codesKey = 'x-problem-codes';

const doneBy: Readonly<Record<string, string>> = { 200: 'Done.', 201: 'Made.', 204: 'Done.' };

const etag = {
  ETag: {
    type: 'string',
    description: 'Names this state of the object, for If-Match; not in a dry run.',
    examples: ['"42"'],
  },
};

/** A route’s schema with all that a description says beside it; validation does not see it. */
export function describeOperation(route: RouteOptions, schema: FastifySchema | undefined): FastifySchema {
  const { url, config } = route;
  const method = String(route.method);
  const access: Access = config?.access ?? 'admin';
  const { params, querystring, body, headers, response } = schema ?? {};
  const codes = codesOf({
    method,
    url,
    access,
    input: [params, querystring, body, headers],
    own: config?.problems ?? [],
  });
  const described = {
    operationId: operationIdOf(method, templateOf(url), isPaged(querystring)),
    ...schema,
    response: Object.fromEntries(
      Object.entries((response ?? {}) as Record<string, Described>).map(([status, answer]) => [
        status,
        describeAnswer(status, answer, config?.hasEtag === true),
      ]),
    ),
    [codesKey]: codes,
  };
  return described as FastifySchema;
}

interface Described {
  readonly type?: string;
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema: unknown; readonly example?: unknown }>>;
}

function describeAnswer(status: string, answer: Described, hasEtag: boolean): object {
  const description = answer.description ?? doneBy[status] ?? 'Done.';
  if (answer.type === 'null') {
    return { ...answer, description };
  }
  const content = answer.content ?? { 'application/json': { schema: answer } };
  const shown = Object.entries(content).map(([type, { schema, ...more }]) => [
    type,
    { schema, example: exampleOf(schema), ...more },
  ]);
  return {
    description,
    ...(hasEtag ? { headers: etag } : {}),
    content: Object.fromEntries(shown),
  };
}

function isPaged(querystring: unknown): boolean {
  const { properties } = (querystring ?? {}) as { properties?: object };
  return properties !== undefined && 'cursor' in properties;
}
