import { Set as setFormat } from 'typebox/format';
import { Compile, type Validator } from 'typebox/schema';
import { formats, matches } from '../../schema/format.ts';
import type { Answer } from './answer.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document is walked by names that tests know.
type Json = any;

for (const name of Object.keys(formats)) {
  setFormat(name, (text) => matches(name as keyof typeof formats, text));
}

/** What is answered before or beside any call. */
const general: Readonly<Record<string, number>> = {
  ROUTE_UNKNOWN: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  HEADERS_TOO_LARGE: 431,
};
/** What else a path that is none can answer. */
const beforeRouting: Readonly<Record<string, number>> = {
  INVALID_REQUEST: 400,
  TOKEN_MISSING: 401,
  SHUTTING_DOWN: 503,
};

export interface Operation {
  /** In upper case. */
  readonly method: string;
  /** `/v1/zones/{zone}` */
  readonly template: string;
  /** Its references resolved. */
  readonly description: Json;
}

/** /openapi.json, to hold answers against. */
export class Description {
  readonly document: Json;
  readonly operations: readonly Operation[];
  readonly #patterns: readonly (readonly [RegExp, Operation])[];
  readonly #validators = new Map<unknown, Validator>();

  constructor(document: Json) {
    this.document = document;
    this.operations = Object.entries<Json>(document.paths).flatMap(([template, methods]) =>
      Object.entries<Json>(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        template,
        description: resolve(document, operation),
      })),
    );
    // A path with a verb goes before the one whose name would swallow the verb.
    this.#patterns = [...this.operations]
      .sort((a, b) => b.template.length - a.template.length)
      .map((operation) => [patternOf(operation.template), operation] as const);
  }

  /** A part of the document with what its references name in their place. */
  resolved(part: Json): Json {
    return resolve(this.document, part);
  }

  /** The operation that a call means; none for an unknown path or method. */
  operationOf(method: string, path: string): Operation | undefined {
    const plain = (path.split('?', 1)[0] ?? '').replace(/%3a/gi, ':');
    const same = this.#patterns.find(([pattern]) => pattern.test(plain))?.[1].template;
    const wanted = method === 'HEAD' ? 'GET' : method;
    return this.operations.find((each) => each.template === same && each.method === wanted);
  }

  /** What an answer has that the description does not allow; null when it conforms. */
  complaintAbout(method: string, path: string, answer: Answer): string | null {
    const complaint = this.#complaint(method, path, answer);
    return complaint && `${method} ${path.slice(0, 200)} → ${answer.status}: ${complaint}`;
  }

  #complaint(method: string, path: string, { status, headers, body, text }: Answer): string | null {
    const operation = this.operationOf(method, path);
    const code: string = body?.code ?? '';
    const expected = general[code] ?? (operation === undefined ? beforeRouting[code] : undefined);
    if (method === 'HEAD' || expected === status) {
      return null;
    }
    const response = operation?.description.responses[status];
    if (response === undefined) {
      const known = Object.keys(operation?.description.responses ?? general).join(', ');
      return `/openapi.json tells of ${known} only; add ${code || status} to the route’s config.problems`;
    }
    // A dry run’s object is none that could be edited.
    const missing = Object.keys(response.headers ?? {}).find(
      (name) => headers[name.toLowerCase()] === undefined,
    );
    if (missing !== undefined && body?.dryRun === undefined) {
      return `there is no header ${missing}`;
    }
    if (response.content === undefined) {
      return text === '' ? null : 'there is a body';
    }
    const [type = ''] = String(headers['content-type']).split(';');
    const media = response.content[type];
    if (media === undefined) {
      return `the content type ${type} is not described`;
    }
    const validator = this.#validator(media.schema);
    if (validator.Check(body ?? text)) {
      return null;
    }
    const declared = media.schema.properties?.code?.enum;
    return declared?.includes(code) === false
      ? `/openapi.json does not tell of ${code} here; add it to the route’s config.problems`
      : `${JSON.stringify(validator.Errors(body ?? text)[1])} of ${text.slice(0, 500)}`;
  }

  #validator(schema: Json): Validator {
    const known = this.#validators.get(schema) ?? Compile(schema);
    this.#validators.set(schema, known);
    return known;
  }
}

function patternOf(template: string): RegExp {
  const parts = template.split(/\{[^}]+\}/).map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]*')}$`);
}

function resolve(document: Json, part: Json): Json {
  if (Array.isArray(part)) {
    return part.map((each) => resolve(document, each));
  }
  if (typeof part !== 'object' || part === null) {
    return part;
  }
  if (typeof part.$ref === 'string') {
    const path: string[] = part.$ref.split('/').slice(1);
    const found = path.reduce((at, name) => at?.[name], document);
    if (found === undefined) {
      throw new Error(`${part.$ref} leads nowhere`);
    }
    return resolve(document, found);
  }
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, resolve(document, value)]));
}
