import type { FastifyInstance } from 'fastify';
import { type Static, type TObject, Type } from 'typebox';
import { Problem } from '../../../core/problem/problem.ts';
import { DryRun } from '../../../schema/dry-run.ts';
import { EditConditions } from '../../../schema/precondition.ts';
import { ObjectName } from '../../../schema/text.ts';
import type { Ledger } from '../../ledger/state/ledger.ts';
import type { Keeper } from '../../store/keeper.ts';
import { type Access, checkOwnNode } from '../access.ts';
import { answers, NoContent } from '../answers.ts';
import { contextOf } from '../context.ts';
import { etagOf, preconditionOf } from '../etag.ts';
import { dryRunOf, type EditQuery, editQuery } from './edit-query.ts';
import { objectImport } from './object-import.ts';
import { type ObjectKind, specIn } from './object-kind.ts';
import { objectList } from './object-list.ts';

/** PUT, GET, DELETE and the list of a kind of object. */
export function objectRoutes<Schema extends TObject>(
  app: FastifyInstance,
  keeper: Keeper,
  kind: ObjectKind<Schema>,
): void {
  const { plural, singular, schema } = kind;
  const path = `/v1/${plural}/:${singular}`;
  const params = Type.Object({ [singular]: ObjectName });
  const shown = { examples: [kind.example], additionalProperties: false };
  const named = Type.Object(
    { name: ObjectName, ...schema.properties },
    { title: `Named${kind.title}`, examples: [{ name: kind.exampleName, ...kind.example }] },
  );
  const tags = [plural];
  const own = kind.ownedByNode === true;
  const access = (otherwise: Access, withNode: Access) => ({ access: own ? withNode : otherwise });
  type Params = { Params: Record<string, string> };

  const queryOf = (edit: 'put' | 'remove') =>
    editQuery({ drain: kind.drains?.includes(edit) === true, dryRun: kind.effect !== undefined });
  const put = Type.Object(
    { ...schema.properties, ...(kind.effect === undefined ? {} : { dryRun: Type.Optional(DryRun) }) },
    { ...shown, title: kind.title },
  );
  const preview = (ledger: Ledger, name: string, spec: Static<Schema> | null) =>
    kind.effect === undefined ? {} : { dryRun: dryRunOf(kind.effect(ledger, name, spec)) };
  const nameOf = (params: Record<string, string>) => params[singular] ?? '';
  const onRequest = async (request: { caller: Parameters<typeof checkOwnNode>[0]; params: unknown }) => {
    checkOwnNode(request.caller, nameOf(request.params as Record<string, string>));
  };

  app.put<Params & { Body: Record<string, unknown>; Querystring: EditQuery }>(path, {
    config: {
      ...access('admin', 'node'),
      isEdit: true,
      hasEtag: true,
      problems: [...kind.problems, 'PRECONDITION_FAILED'],
    },
    onRequest,
    schema: {
      tags,
      summary: `Make or replace a ${singular}`,
      description: kind.description,
      params,
      headers: EditConditions,
      body: Type.Object(
        { name: Type.Optional(ObjectName), ...schema.properties },
        { ...shown, title: `${kind.title}Edit` },
      ),
      querystring: queryOf('put'),
      response: answers({ 200: put, 201: put }),
    },
    handler: async (request, reply) => {
      const name = nameOf(request.params);
      const { name: repeated, ...spec } = request.body;
      if (repeated !== undefined && repeated !== name) {
        throw new Problem('INVALID_REQUEST', `body: name is "${repeated}", the path says "${name}"`, {
          field: 'name',
        });
      }
      const { dryRun, ...ways } = request.query;
      const asked = { ...preconditionOf(request), ...ways };
      // The schema of the body is that of the kind and the optional name taken off above.
      const decide = (ledger: Ledger, now: number) => {
        if (request.caller.role === 'node') {
          kind.refuseOwnNode?.(ledger, name, spec as Static<Schema>);
        }
        return kind.put(ledger, name, spec as Static<Schema>, asked, now);
      };
      if (dryRun === true) {
        const { created, object } = await keeper.read((ledger, now) => {
          const decision = decide(ledger, now);
          const wanted = specIn(decision) as Static<Schema>;
          return { ...decision.answer, object: { ...wanted, ...preview(ledger, name, wanted) } };
        });
        return reply.code(created ? 201 : 200).send(object);
      }
      const answer = await keeper.apply((ledger, { now }) => {
        const decision = decide(ledger, now);
        return { ...decision, answer: { ...decision.answer, object: specIn(decision) } };
      }, contextOf(request));
      return reply
        .code(answer.created ? 201 : 200)
        .header('etag', etagOf(answer.revision))
        .send(answer.object);
    },
  });

  app.get<Params>(path, {
    config: { ...access('viewer', 'node-or-viewer'), hasEtag: true, problems: ['OBJECT_UNKNOWN'] },
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

  app.delete<Params & { Querystring: EditQuery }>(path, {
    config: { access: 'admin', isEdit: true, problems: ['IN_USE', 'PRECONDITION_FAILED'] },
    schema: {
      tags,
      summary: `Delete a ${singular}`,
      description: '204 also when there is none; 409 while it is in use, naming the users.',
      params,
      headers: EditConditions,
      querystring: queryOf('remove'),
      response: answers(
        kind.effect === undefined
          ? { 204: NoContent }
          : { 200: Type.Object({ dryRun: DryRun }), 204: NoContent },
      ),
    },
    handler: async (request, reply) => {
      const { dryRun, ...ways } = request.query;
      const asked = { ...preconditionOf(request), ...ways };
      const name = nameOf(request.params);
      if (dryRun === true) {
        const object = await keeper.read((ledger, now) => {
          kind.remove(ledger, name, asked, now);
          return preview(ledger, name, null);
        });
        return reply.send(object);
      }
      await keeper.apply((ledger, { now }) => kind.remove(ledger, name, asked, now), contextOf(request));
      return reply.code(204).send();
    },
  });

  objectList(app, keeper, kind, named);
  if (!own) {
    objectImport(app, keeper, kind);
  }
}
