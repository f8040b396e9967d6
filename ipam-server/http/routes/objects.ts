import type { FastifyInstance } from 'fastify';
import { type Static, type TObject, Type } from 'typebox';
import { Problem } from '../../../core/problem/problem.ts';
import { listOf, Page } from '../../../schema/list.ts';
import { ObjectName } from '../../../schema/text.ts';
import type { Decision } from '../../ledger/decision.ts';
import type { Precondition, Put } from '../../ledger/edit.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Keeper } from '../../store/keeper.ts';
import { type Access, checkOwnNode } from '../access.ts';
import { answers, NoContent } from '../answers.ts';
import { contextOf } from '../context.ts';
import { etagOf, preconditionOf } from '../etag.ts';
import { pageByName } from '../page.ts';

/** An object as the ledger keeps it. */
interface Kept<Spec> {
  readonly revision: number;
  readonly spec: Spec;
}

/** A kind of named object: what it is called, and what the ledger does with it. */
export interface ObjectKind<Schema extends TObject> {
  /** In the path: `zones`. */
  readonly plural: string;
  /** In the path’s parameter: `zone`. */
  readonly singular: string;
  readonly schema: Schema;
  readonly description: string;
  readonly example: Static<Schema>;
  readonly all: (ledger: Ledger) => ReadonlyMap<string, Kept<Static<Schema>>>;
  readonly put: (
    ledger: Ledger,
    name: string,
    spec: Static<Schema>,
    asked: Precondition,
    now: number,
  ) => Decision<Put>;
  readonly remove: (ledger: Ledger, name: string, asked: Precondition, now: number) => Decision<undefined>;
  /** Where a node may read and write the one object of its own name. */
  readonly ownedByNode?: boolean;
}

/** PUT, GET, DELETE and the list of a kind of object. */
export function objectRoutes<Schema extends TObject>(
  app: FastifyInstance,
  keeper: Keeper,
  kind: ObjectKind<Schema>,
): void {
  const { plural, singular, schema } = kind;
  const path = `/v1/${plural}/:${singular}`;
  const params = Type.Object({ [singular]: ObjectName });
  const named = Type.Object({ name: ObjectName, ...schema.properties });
  const tags = [plural];
  const own = kind.ownedByNode === true;
  const access = (otherwise: Access, withNode: Access) => ({ access: own ? withNode : otherwise });
  type Params = { Params: Record<string, string> };

  const nameOf = (params: Record<string, string>) => params[singular] ?? '';
  const onRequest = async (request: { caller: Parameters<typeof checkOwnNode>[0]; params: unknown }) => {
    checkOwnNode(request.caller, nameOf(request.params as Record<string, string>));
  };

  app.put<Params & { Body: Record<string, unknown> }>(path, {
    config: { ...access('admin', 'node'), isEdit: true },
    onRequest,
    schema: {
      tags,
      summary: `Make or replace a ${singular}`,
      description: kind.description,
      params,
      body: Type.Object(
        { name: Type.Optional(ObjectName), ...schema.properties },
        { additionalProperties: false, examples: [kind.example] },
      ),
      response: answers({ 200: schema, 201: schema }),
    },
    handler: async (request, reply) => {
      const name = nameOf(request.params);
      const { name: repeated, ...spec } = request.body;
      if (repeated !== undefined && repeated !== name) {
        throw new Problem('INVALID_REQUEST', `body: name is "${repeated}", the path says "${name}"`, {
          field: 'name',
        });
      }
      const asked = preconditionOf(request);
      const answer = await keeper.apply((ledger, { now }) => {
        // The schema of the body is that of the kind and the optional name taken off above.
        const decision = kind.put(ledger, name, spec as Static<Schema>, asked, now);
        return { ...decision, answer: { ...decision.answer, object: specIn(decision) } };
      }, contextOf(request));
      return reply
        .code(answer.created ? 201 : 200)
        .header('etag', etagOf(answer.revision))
        .send(answer.object);
    },
  });

  app.get<Params>(path, {
    config: access('viewer', 'node-or-viewer'),
    onRequest,
    schema: { tags, summary: `Look at a ${singular}`, params, response: answers({ 200: named }) },
    handler: async (request, reply) => {
      const name = nameOf(request.params);
      const kept = await keeper.read((ledger) => kind.all(ledger).get(name));
      if (kept === undefined) {
        throw new Problem('OBJECT_UNKNOWN', `there is no ${singular} ${name}`);
      }
      return reply.header('etag', etagOf(kept.revision)).send({ name, ...kept.spec });
    },
  });

  app.delete<Params>(path, {
    config: { access: 'admin', isEdit: true },
    schema: { tags, summary: `Delete a ${singular}`, params, response: answers({ 204: NoContent }) },
    handler: async (request, reply) => {
      const asked = preconditionOf(request);
      const name = nameOf(request.params);
      await keeper.apply((ledger, { now }) => kind.remove(ledger, name, asked, now), contextOf(request));
      return reply.code(204).send();
    },
  });

  app.get<{ Querystring: Page }>(`/v1/${plural}`, {
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: `List ${plural}`,
      querystring: Page,
      response: answers({ 200: listOf(named) }),
    },
    handler: (request) =>
      keeper.read((ledger) =>
        pageByName(kind.all(ledger), plural, request.query, (name, { spec }) => ({ name, ...spec })),
      ),
  });
}

/** The object as it was written: in normal form. */
function specIn(decision: Decision<Put>): unknown {
  for (const { record } of decision.writes) {
    if (record !== null && 'spec' in record) {
      return record.spec;
    }
  }
  return undefined;
}
