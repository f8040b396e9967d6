/** A line of a table; a cell in quotes may span several lines of text. */
export interface TextRow {
  /** Of the text, from 1: where the row begins. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Where a text is no table. */
export interface SyntaxFault {
  readonly line: number;
  /** From 0. */
  readonly cell: number;
  readonly detail: string;
}

/** The rows up to the fault, where there is one. */
export interface ParsedTable {
  readonly rows: readonly TextRow[];
  readonly fault: SyntaxFault | null;
}

/**
 * Reads a table (RFC 4180), strictly: quotes only around a whole cell, lines end with CRLF or LF. Cells are
 * separated by commas, or by semicolons where the first line has them and no comma: so Excel writes them where a
 * comma is part of a number. A byte order mark in front is taken off.
 *
 * @param mostRows one more is a fault
 */
export function parseTable(text: string, mostRows: number): ParsedTable {
  const reader = new Reader(text.startsWith('\uFEFF') ? text.slice(1) : text);
  const rows: TextRow[] = [];
  while (!reader.isAtEnd) {
    const { line } = reader;
    if (rows.length === mostRows) {
      return { rows, fault: { line, cell: 0, detail: `there are more than ${mostRows} lines` } };
    }
    const cells: string[] = [];
    for (let more = true; more; ) {
      const cell = reader.cell();
      const end = cell === null ? null : reader.end();
      if (cell === null || end === null) {
        return { rows, fault: { line: reader.line, cell: cells.length, detail: reader.whyNot() } };
      }
      cells.push(cell);
      more = end === 'cell';
    }
    rows.push({ line, cells });
  }
  return { rows, fault: null };
}

class Reader {
  readonly #text: string;
  readonly #separator: string;
  readonly #plain: RegExp;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
    const [titles = ''] = text.split('\n', 1);
    this.#separator = titles.includes(';') && !titles.includes(',') ? ';' : ',';
    this.#plain = new RegExp(`[^"\\r\\n${this.#separator}]*`, 'y');
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  get line(): number {
    return this.#line;
  }

  /** The next cell; null where its quote is never closed. */
  cell(): string | null {
    if (this.#text[this.#at] !== '"') {
      this.#plain.lastIndex = this.#at;
      const [cell = ''] = this.#plain.exec(this.#text) ?? [];
      this.#at += cell.length;
      return cell;
    }
    const from = this.#at + 1;
    let end = this.#text.indexOf('"', from);
    while (end >= 0 && this.#text[end + 1] === '"') {
      end = this.#text.indexOf('"', end + 2);
    }
    if (end < 0) {
      return null;
    }
    const raw = this.#text.slice(from, end);
    this.#line += raw.split('\n').length - 1;
    this.#at = end + 1;
    return raw.replaceAll('""', '"');
  }

  /** What the cell ends before: another cell, or another row; null where it is neither. */
  end(): 'cell' | 'row' | null {
    if (this.isAtEnd) {
      return 'row';
    }
    if (this.#text[this.#at] === this.#separator) {
      this.#at++;
      return 'cell';
    }
    const lineEnd = ['\r\n', '\n'].find((each) => this.#text.startsWith(each, this.#at));
    if (lineEnd === undefined) {
      return null;
    }
    this.#at += lineEnd.length;
    this.#line++;
    return 'row';
  }

  /** Why reading does not go on here. */
  whyNot(): string {
    if (this.#text[this.#at - 1] === '"') {
      return 'something follows the closing quote';
    }
    if (this.#text[this.#at] === '\r') {
      return 'a carriage return stands there without a line feed';
    }
    const isOpening = this.#at === 0 || ['\n', this.#separator].includes(this.#text[this.#at - 1] ?? '');
    return isOpening
      ? 'the quote is never closed'
      : 'a quote stands inside a cell that does not begin with one';
  }
}
