import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import type { ProblemCode } from '../../../core/problem/registry.ts';
import { hoistSchemas } from './components.ts';
import { exampleOf } from './example.ts';
import { head } from './head.ts';
import { codesKey, describeOperation } from './operation.ts';
import { problemExample, problemResponse, statusOf } from './problems.ts';

/** An operation as swagger puts it together from a route’s schema. */
interface Operation {
  responses: Record<string, unknown>;
  requestBody?: { readonly content: Record<string, { schema: object; example?: unknown }> };
  [codesKey]?: readonly ProblemCode[];
}

interface Document {
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: Record<string, object>;
}

/** Describes the routes that are added from now on; `app.swagger()` is then the document. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: structuredClone(head) as object,
    convertConstToEnum: false,
    transform: ({ schema, url, route }) => ({ schema: describeOperation(route, schema), url }),
    transformObject: (made) =>
      ('openapiObject' in made ? complete(made.openapiObject as unknown as Document) : {}) as object,
  });
}

/** Adds what no single route can say: the problems, and what several share. */
function complete(document: Document): unknown {
  const responses: Record<string, unknown> = {};
  const seen = new Set<ProblemCode>();
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    for (const media of Object.values(operation.requestBody?.content ?? {})) {
      // Swagger has taken the example out of the schema, which would then differ from the same one elsewhere.
      const { example = exampleOf(media.schema) } = media;
      Object.assign(media, { example, schema: { ...media.schema, examples: [example] } });
    }
    for (const [status, codes] of byStatus(operation[codesKey] ?? [])) {
      const name = codes.join('.');
      responses[name] ??= problemResponse(status, codes);
      operation.responses[status] = { $ref: `#/components/responses/${name}` };
      codes.forEach((code) => void seen.add(code));
    }
    delete operation[codesKey];
  }
  document.components['responses'] = responses;
  document.components['examples'] = Object.fromEntries(
    [...seen].sort().map((code) => [code, problemExample(code)]),
  );
  const schemas: Record<string, unknown> = {};
  const hoisted = hoistSchemas(document, schemas) as Document;
  hoisted.components['schemas'] = schemas;
  return hoisted;
}

function byStatus(codes: readonly ProblemCode[]): Map<number, ProblemCode[]> {
  const sorted = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    sorted.set(statusOf(code), [...(sorted.get(statusOf(code)) ?? []), code]);
  }
  return sorted;
}
