import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, type TObject, Type } from 'typebox';
import { Problem } from '../../../core/problem/problem.ts';
import { ImportAnswer, ImportQuery } from '../../../schema/import.ts';
import { ObjectName } from '../../../schema/text.ts';
import { columnOfField, type Fault } from '../../csv/fault.ts';
import { type ReadObject, readTable } from '../../csv/read.ts';
import { type Column, columnsOf, tableOf } from '../../csv/table.ts';
import type { Each } from '../../ledger/command.ts';
import type { Keeper } from '../../store/keeper.ts';
import { answers } from '../answers.ts';
import { contextOf } from '../context.ts';
import { invalidRequest } from '../validation.ts';
import { type ObjectKind, specIn } from './object-kind.ts';
import { readTables, refuse } from './table-body.ts';

const bodyLimit = 8 * 1024 * 1024;

/** Passes over rows that wait for others; each order of rows that is not made to be bad needs two. */
const mostPasses = 16;

/** Objects of a kind from a table: all of them or none. */
export function objectImport<Schema extends TObject>(
  app: FastifyInstance,
  keeper: Keeper,
  kind: ObjectKind<Schema>,
): void {
  const { plural, schema, exampleName, example, mostImported = 5_000 } = kind;
  const columns = columnsOf(schema);
  const row = Type.Object({ name: ObjectName, ...schema.properties }, { additionalProperties: false });
  const table = tableOf(columns, [{ name: exampleName, ...(example as object) }]);

  app.register((scope, _, done) => {
    readTables(scope);
    scope.post<{ Body: string; Querystring: ImportQuery }>(`/v1/${plural}::import`, {
      config: { access: 'admin', isEdit: true, problems: ['INVALID_TABLE'] },
      bodyLimit,
      schema: {
        tags: [plural],
        summary: `Make or replace ${plural} from a table`,
        description:
          'All rows or none, in one commit. The table is as the list answers it with `Accept: text/csv`; a row is ' +
          'the whole object, as with PUT, and what has no row stays as it is. A refusal lists the bad rows in ' +
          '`errors`: `line`, `column`, `detail`, and `code` where PUT would have answered one.',
        consumes: ['text/csv'],
        body: Type.String({ examples: [table] }),
        querystring: ImportQuery,
        response: answers({ 200: ImportAnswer }),
      },
      handler: async (request) => {
        const { objects, faults } = readTable(columns, request.body, mostImported);
        refuse(faults);
        refuse(invalidRows(request, columns, row, objects));
        const isDry = request.query.dryRun === true;
        return keeper.applyAll((each) => {
          const counts = importObjects(each, kind, columns, objects);
          return { answer: { ...counts, ...(isDry ? { dryRun: true as const } : {}) }, isKept: !isDry };
        }, contextOf(request));
      },
    });
    done();
  });
}

function invalidRows(
  request: FastifyRequest,
  columns: readonly Column[],
  row: TObject,
  objects: readonly ReadObject[],
): Fault[] {
  const isValid = request.compileValidationSchema(row);
  return objects.flatMap(({ line, name, spec }) => {
    const [found] = isValid({ name, ...spec }) === true ? [] : (isValid.errors ?? []);
    return found === undefined ? [] : [faultOf(invalidRequest('row', found), columns, line)];
  });
}

function faultOf({ code, message, facts }: Problem, columns: readonly Column[], line: number): Fault {
  const column = columnOfField(columns, facts['field']);
  return { line, ...(column === undefined ? {} : { column }), code, detail: message };
}

/**
 * A row that is refused is tried again after the others, since one may take what another leaves: the order of
 * rows does not matter, but for two that want each other’s place.
 *
 * @throws Problem INVALID_TABLE
 */
function importObjects<Schema extends TObject>(
  each: Each,
  kind: ObjectKind<Schema>,
  columns: readonly Column[],
  objects: readonly ReadObject[],
): ImportAnswer {
  const counts = { created: 0, replaced: 0, unchanged: 0 };
  const present = each((ledger) => ({ writes: [], answer: kind.all(ledger) }));
  let waiting = objects;
  let faults: Fault[] = [];
  for (let pass = 0; pass < mostPasses; pass++) {
    const refused: ReadObject[] = [];
    faults = [];
    for (const object of waiting) {
      try {
        counts[importObject(each, kind, columns, object, present.get(object.name)?.spec)]++;
      } catch (error) {
        if (!(error instanceof Problem)) {
          throw error;
        }
        refused.push(object);
        faults.push(faultOf(error, columns, object.line));
      }
    }
    if (refused.length === 0 || refused.length === waiting.length) {
      break;
    }
    // There and back: rows in the worst order for one way are in the best for the other.
    waiting = refused.reverse();
  }
  refuse(faults.sort((a, b) => a.line - b.line));
  return counts;
}

function importObject<Schema extends TObject>(
  each: Each,
  kind: ObjectKind<Schema>,
  columns: readonly Column[],
  { name, spec }: ReadObject,
  present: Static<Schema> | undefined,
): keyof Omit<ImportAnswer, 'dryRun'> {
  // As cells, for an object that has no fields is told from none by nobody.
  const shown = (object: unknown) => tableOf(columns, [{ name, ...(object as object) }]);
  const isAsBefore = (object: unknown) => present !== undefined && shown(object) === shown(present);
  return each((ledger, { now }) => {
    if (isAsBefore(spec)) {
      return { writes: [], answer: 'unchanged' };
    }
    // The row was held against the kind’s schema.
    const decision = kind.put(ledger, name, spec as Static<Schema>, {}, now);
    if (isAsBefore(specIn(decision))) {
      return { writes: [], answer: 'unchanged' };
    }
    return { ...decision, answer: decision.answer.created ? 'created' : 'replaced' };
  });
}
