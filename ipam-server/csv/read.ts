import { type Fault, faultsOfTitles } from './fault.ts';
import { parseTable, type TextRow } from './parse.ts';
import type { Column } from './table.ts';

/** An object of a table, with the line that it begins on; its schema has not been looked at. */
export interface ReadObject {
  readonly line: number;
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Either faults, or the objects. */
export interface ReadTable {
  readonly objects: readonly ReadObject[];
  readonly faults: readonly Fault[];
}

/** The objects of a table, as `tableOf` writes it; columns may be in any order, and those left out are empty. */
export function readTable(columns: readonly Column[], text: string, mostObjects: number): ReadTable {
  const { rows, fault } = parseTable(text, mostObjects + 1);
  const [titles, ...others] = rows;
  if (fault !== null) {
    const title = titles?.cells[fault.cell];
    const { line, detail } = fault;
    return { objects: [], faults: [{ line, ...(title === undefined ? {} : { column: title }), detail }] };
  }
  if (titles === undefined) {
    return { objects: [], faults: [{ line: 1, detail: 'there is no line of titles' }] };
  }
  const ofTitles = faultsOfTitles(columns, titles.cells);
  if (ofTitles.length > 0) {
    return { objects: [], faults: ofTitles };
  }
  const present = titles.cells.map((title) => columns.find((column) => column.title === title) as Column);
  const objects: ReadObject[] = [];
  const faults: Fault[] = [];
  const lines = new Map<string, number>();
  for (const row of others) {
    const { object, faults: found } = readRow(present, row);
    const before = lines.get(object.name);
    if (found.length === 0 && before !== undefined) {
      faults.push({
        line: row.line,
        column: 'name',
        detail: `"${object.name}" is in line ${before} already`,
      });
    }
    lines.set(object.name, before ?? row.line);
    faults.push(...found);
    objects.push(object);
  }
  return { objects, faults };
}

function readRow(
  columns: readonly Column[],
  { line, cells }: TextRow,
): { object: ReadObject; faults: Fault[] } {
  const spec: Record<string, unknown> = {};
  if (cells.length !== columns.length) {
    const detail = `there are ${cells.length} cells, and ${columns.length} titles`;
    return { object: { line, name: '', spec }, faults: [{ line, detail }] };
  }
  let name = '';
  const faults: Fault[] = [];
  for (const [index, column] of columns.entries()) {
    const { title, path } = column;
    const value = cellValue(cells[index] ?? '', column.type);
    if (value instanceof CellFault) {
      faults.push({ line, column: title, detail: value.detail });
    } else if (title === 'name') {
      name = String(value ?? '');
    } else if (value !== undefined) {
      putAt(spec, path, value);
    }
  }
  if (name === '') {
    faults.push({ line, column: 'name', detail: 'the name is missing' });
  }
  return { object: { line, name, spec }, faults };
}

class CellFault {
  readonly detail: string;

  constructor(detail: string) {
    this.detail = detail;
  }
}

/** The value of a cell; undefined for an empty one. */
function cellValue(cell: string, type: Column['type']): unknown {
  if (cell === '') {
    return undefined;
  }
  switch (type) {
    case 'text':
      return unguarded(cell);
    case 'number':
      return /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/.test(cell)
        ? Number(cell)
        : new CellFault(`"${cell.slice(0, 40)}" is no number`);
    case 'boolean':
      return /^(?:true|false)$/i.test(cell)
        ? cell.toLowerCase() === 'true'
        : new CellFault(`"${cell.slice(0, 40)}" is neither true nor false`);
    case 'list':
      return cell.startsWith('[') ? jsonOf(cell) : unguarded(cell).trim().split(/\s+/);
    case 'json':
      return jsonOf(cell);
  }
}

function jsonOf(cell: string): unknown {
  try {
    return JSON.parse(cell);
  } catch {
    return new CellFault('the cell is not JSON');
  }
}

/** Takes off the apostrophe that keeps a spreadsheet from running a text. */
function unguarded(cell: string): string {
  return /^'+(?:[=+\-@\t\r]|$)/.test(cell) ? cell.slice(1) : cell;
}

function putAt(spec: Record<string, unknown>, [first = '', second]: readonly string[], value: unknown): void {
  if (second === undefined) {
    spec[first] = value;
  } else {
    spec[first] = { ...(spec[first] as object | undefined), [second]: value };
  }
}
