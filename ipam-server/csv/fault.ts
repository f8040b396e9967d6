import type { Column } from './table.ts';

/** What is wrong with a table. */
export interface Fault {
  /** Of the text, from 1: where the row begins. */
  readonly line: number;
  /** A title. */
  readonly column?: string;
  /** What a PUT of the row alone would have been answered. */
  readonly code?: string;
  readonly detail: string;
}

/** No kind has so many columns. */
const mostTitles = 100;

/** Each title must be a column’s, and there once; the name must be among them. */
export function faultsOfTitles(columns: readonly Column[], titles: readonly string[]): Fault[] {
  const known = columns.map(({ title }) => title);
  if (titles.length > mostTitles) {
    return [{ line: 1, detail: `there are ${titles.length} titles` }];
  }
  const faults: Fault[] = [];
  for (const [index, column] of titles.entries()) {
    if (!known.includes(column)) {
      const detail = `there is no column "${column.slice(0, 80)}"; there are ${known.join(', ')}`;
      faults.push({ line: 1, column: column.slice(0, 80), detail });
    } else if (titles.indexOf(column) !== index) {
      faults.push({ line: 1, column, detail: 'the column is there twice' });
    }
  }
  if (!titles.includes('name')) {
    faults.push({ line: 1, column: 'name', detail: 'the column is missing' });
  }
  return faults;
}

/** The column that a field such as `routes.0.dst` stands in. */
export function columnOfField(columns: readonly Column[], field: unknown): string | undefined {
  return columns.find(({ title }) => title === field || String(field).startsWith(`${title}.`))?.title;
}
