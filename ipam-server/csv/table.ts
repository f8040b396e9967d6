import type { TObject } from 'typebox';

/** A column of a kind’s table: a field, or a field of a field (`dns.search`). */
export interface Column {
  readonly title: string;
  readonly path: readonly string[];
  /** How its cells are written. */
  readonly type: 'text' | 'number' | 'boolean' | 'list' | 'json';
}

/** A field’s schema, as far as columns are made from it. */
interface Field {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Field>>;
  readonly items?: Field;
}

/** The columns of a kind of object: its name, then its fields in the order of their schema. */
export function columnsOf(schema: TObject): Column[] {
  const columns = Object.entries(schema.properties).flatMap(([name, field]) => {
    const { properties } = field as Field;
    return properties === undefined
      ? [columnOf([name], field as Field)]
      : Object.entries(properties).map(([part, inner]) => columnOf([name, part], inner));
  });
  return [columnOf(['name'], {}), ...columns];
}

function columnOf(path: readonly string[], { type, items }: Field): Column {
  return { title: path.join('.'), path, type: typeOf(type, items) };
}

function typeOf(type: string | undefined, items: Field | undefined): Column['type'] {
  switch (type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return items?.type === 'string' ? 'list' : 'json';
    case 'object':
      return 'json';
    default:
      return 'text';
  }
}

/** Objects as a table (RFC 4180): a line of titles, then one an object. */
export function tableOf(columns: readonly Column[], objects: Iterable<object>): string {
  const lines = [columns.map(({ title }) => title)];
  for (const object of objects) {
    lines.push(columns.map(({ path }) => cellOf(valueAt(object, path))));
  }
  return lines.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

function valueAt(object: object, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) => (at === undefined ? undefined : (at as Record<string, unknown>)[name]),
    object,
  );
}

/** What a list of texts may hold to stand with blanks between. */
const plainItem = /^[^\s"[{]+$/;

function cellOf(value: unknown): string {
  if (value === undefined) {
    return '';
  }
  if (typeof value === 'string') {
    return guarded(value);
  }
  const isPlain =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => typeof item === 'string' && plainItem.test(item));
  return isPlain ? guarded(value.join(' ')) : JSON.stringify(value);
}

/**
 * A spreadsheet takes what begins like a formula for one, and runs it: an apostrophe in front makes it a text.
 * A text that has one there already, or nothing at all, gets one too, so that each can be told from the others.
 */
function guarded(text: string): string {
  return /^'*(?:[=+\-@\t\r]|$)/.test(text) ? `'${text}` : text;
}

function quoted(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
