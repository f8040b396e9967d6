import type { FastifyInstance } from 'fastify';
import { type Static, type TObject, Type } from 'typebox';
import { Problem } from '../../../core/problem/problem.ts';
import { listOf, Page } from '../../../schema/list.ts';
import { columnsOf, tableOf } from '../../csv/table.ts';
import type { Keeper } from '../../store/keeper.ts';
import { answers } from '../answers.ts';
import { pageByName } from '../page.ts';
import type { ObjectKind } from './object-kind.ts';

/** The list of a kind of object: page by page as JSON, or whole as a table for spreadsheets. */
export function objectList<Schema extends TObject>(
  app: FastifyInstance,
  keeper: Keeper,
  { plural, schema, all, exampleName, example }: ObjectKind<Schema>,
  named: TObject,
): void {
  const columns = columnsOf(schema);
  const shown = (name: string, spec: Static<Schema>) => ({ name, ...(spec as object) });
  const table = { schema: Type.String(), example: tableOf(columns, [shown(exampleName, example)]) };

  app.get<{ Querystring: Page }>(`/v1/${plural}`, {
    config: { access: 'viewer' },
    schema: {
      tags: [plural],
      summary: `List ${plural}`,
      description:
        'Page by page, by name. With `Accept: text/csv` it is one table of all, as of one moment; `limit` and ' +
        '`cursor` are then refused.',
      querystring: Page,
      response: {
        ...answers({}),
        200: {
          description: 'A page, or the whole table.',
          content: { 'application/json': { schema: listOf(named) }, 'text/csv': table },
        },
      },
    },
    handler: async ({ headers, query }, reply) => {
      reply.header('vary', 'accept');
      if (!wantsTable(headers.accept)) {
        return keeper.read((ledger) =>
          pageByName(all(ledger), plural, query, (name, { spec }) => shown(name, spec)),
        );
      }
      const [field] = Object.keys(query);
      if (field !== undefined) {
        throw new Problem('INVALID_REQUEST', `querystring: a table is whole, "${field}" is for JSON`, {
          field,
        });
      }
      const text = await keeper.read((ledger) =>
        tableOf(
          columns,
          [...all(ledger)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { spec }]) => shown(name, spec)),
        ),
      );
      return reply
        .type('text/csv; charset=utf-8; header=present')
        .header('content-disposition', `attachment; filename="${plural}.csv"`)
        .send(text);
    },
  });
}

/** Whether a table is asked for by name; who takes anything gets JSON. */
function wantsTable(accept = ''): boolean {
  return accept.split(',').some((range) => /^\s*text\/csv\s*(?:;|$)/i.test(range));
}
