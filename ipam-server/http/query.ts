import { parse } from 'node:querystring';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

const numbers: ReadonlySet<string> = new Set(['limit', 'since', 'generation']);
const booleans: ReadonlySet<string> = new Set(['drain', 'dryRun', 'facts']);
const decimal = /^(?:0|[1-9][0-9]{0,15})$/;

/** A query as an object. Values are texts; those of number and boolean fields become such in their one spelling only. */
export function parseQuery(text: string): Record<string, unknown> {
  const query: Record<string, unknown> = { ...parse(text) };
  for (const name of numbers) {
    const value = query[name];
    if (typeof value === 'string' && decimal.test(value)) {
      query[name] = Number(value);
    }
  }
  for (const name of booleans) {
    const value = query[name];
    if (value === 'true' || value === 'false') {
      query[name] = value === 'true';
    }
  }
  return query;
}

const NoQuery = Type.Object({}, { additionalProperties: false });

/** Refuses a query on the calls that describe none: a `dryRun` that is ignored would be an edit. */
export function refuseUnknownQueries(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/v1/')) {
      route.schema = { querystring: NoQuery, ...route.schema };
    }
  });
}
