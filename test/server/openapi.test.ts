import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Compile } from 'typebox/schema';
import { problemKinds } from '../../core/problem/registry.ts';
import { Description } from './description.ts';
import { type Server, startServer } from './process.ts';

/** https://spec.openapis.org/oas/3.1/schema, as the OpenAPI Initiative publishes it (Apache-2.0). */
const metaSchema = JSON.parse(
  readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'openapi-3.1.json'), 'utf8'),
);

let server: Server;
let description: Description;
beforeAll(async () => {
  server = await startServer('memory:');
  description = new Description((await server.call('GET', '/openapi.json')).body);
});
afterAll(() => server.stop());

test('the description is OpenAPI 3.1, as its own schema has it', () => {
  const validator = Compile(metaSchema);
  expect(validator.Errors(description.document)[1]).toEqual([]);
  // A schema that allows everything would prove nothing.
  const nameless = structuredClone(description.document);
  delete nameless.info.title;
  expect(validator.Check(nameless)).toBe(false);
  const colourful = structuredClone(description.document);
  colourful.paths['/v1/zones'].get.responses['200'].colour = 'red';
  expect(validator.Check(colourful)).toBe(false);
});

test('every operation says what it is called, what it does, and who may', () => {
  const ids = description.operations.map(({ description: { operationId } }) => operationId);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  const tags = description.document.tags.map(({ name }: { name: string }) => name);
  for (const { method, template, description: operation } of description.operations) {
    const name = `${method} ${template}`;
    expect([name, operation]).toEqual([
      name,
      expect.objectContaining({
        operationId: expect.stringMatching(/^[a-z][A-Za-z]+$/),
        summary: expect.stringMatching(/^[A-Z].{8,}/),
        tags: [expect.stringMatching(new RegExp(`^(${tags.join('|')})$`))],
      }),
    ]);
    expect([name, Object.keys(operation.responses)]).toEqual([name, expect.arrayContaining(['500'])]);
    const isOpen = operation.security?.length === 0;
    expect([name, '401' in operation.responses]).toEqual([name, !isOpen]);
  }
});

test('every parameter is described', () => {
  for (const { template, description: operation } of description.operations) {
    for (const parameter of operation.parameters ?? []) {
      expect([template, parameter]).toEqual([
        template,
        expect.objectContaining({ description: expect.stringMatching(/./) }),
      ]);
    }
  }
});

test('every body and every answer has an example, and each example is what its schema allows', () => {
  const complaints: unknown[] = [];
  const check = (where: string, schema: object, example: unknown) => {
    const [isValid, errors] = Compile(schema).Errors(example);
    if (!isValid) {
      complaints.push([where, example, errors]);
    }
  };
  for (const { method, template, description: operation } of description.operations) {
    for (const { name, schema, example } of operation.parameters ?? []) {
      if (example !== undefined) {
        check(`${method} ${template} ${name}`, schema, example);
      }
    }
    const bodies = [operation.requestBody ?? {}, ...Object.values<object>(operation.responses)];
    for (const [type, media] of bodies.flatMap((body) => Object.entries<Media>(body.content ?? {}))) {
      const examples = media.examples ?? { only: { value: media.example } };
      for (const { value } of Object.values(examples)) {
        check(`${method} ${template} ${type}`, media.schema, value);
      }
    }
  }
  for (const [name, schema] of Object.entries<Schema>(description.document.components.schemas)) {
    for (const example of schema.examples ?? []) {
      check(name, description.resolved(schema), example);
    }
  }
  expect(complaints).toEqual([]);
});

interface Schema {
  readonly examples?: readonly unknown[];
}

interface Media {
  readonly schema: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

test('every code of the description is in the registry, and has the status that it is told under', () => {
  for (const { template, description: operation } of description.operations) {
    for (const [status, response] of Object.entries<{ content?: Record<string, { schema: Coded }> }>(
      operation.responses,
    )) {
      const codes = response.content?.['application/problem+json']?.schema.properties.code.enum ?? [];
      expect([template, status, codes.length > 0]).toEqual([template, status, Number(status) >= 400]);
      for (const code of codes) {
        expect([code, problemKinds[code].status]).toEqual([code, Number(status)]);
      }
    }
  }
});

interface Coded {
  readonly properties: { readonly code: { readonly enum: readonly (keyof typeof problemKinds)[] } };
}

test('an answer that is not as described is noticed by the harness', () => {
  const answer = (status: number, body: unknown, type = 'application/json') => ({
    status,
    headers: { 'content-type': type },
    text: JSON.stringify(body),
    body,
  });
  const zone = { type: 'macvlan' };
  const complaint = (status: number, body: unknown, type?: string) =>
    description.complaintAbout('GET', '/v1/zones/real?x=1', answer(status, body, type));
  expect(complaint(200, { name: 'real', ...zone })).toMatch(/no header ETag/);
  expect(complaint(202, zone)).toMatch(/tells of 200, 400, 401, 403, 404, 500, 503 only/);
  expect(complaint(404, { code: 'IN_USE' }, 'application/problem+json')).toMatch(/IN_USE/);
  expect(complaint(404, { code: 'OBJECT_UNKNOWN' }, 'text/plain')).toMatch(/content type/);
  expect(complaint(405, { code: 'METHOD_NOT_ALLOWED' })).toBeNull();
  expect(
    description.complaintAbout('GET', '/v1/zones', answer(200, { items: [{ type: 'x' }] })),
  ).not.toBeNull();
  expect(description.complaintAbout('GET', '/v1/zones', answer(200, { items: [] }))).toBeNull();
});
