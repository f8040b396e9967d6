/** The kernel's numbers by the names that people use for them. */
export type Names = Readonly<Record<string, number>>;

export type NameIn<Table extends Names> = keyof Table & string;

/** The name of a number, undefined for one that the table has not. */
export function nameOf<Table extends Names>(table: Table, value: number): NameIn<Table> | undefined {
  return namesIn(table).find((name) => table[name] === value);
}

/** The names of the bits that are set; bits without a name are passed over. */
export function namesOfBits<Table extends Names>(table: Table, bits: number): NameIn<Table>[] {
  return namesIn(table).filter((name) => (bits & (table[name] ?? 0)) !== 0);
}

export function bitsOfNames<Table extends Names>(table: Table, names: readonly NameIn<Table>[]): number {
  return names.reduce((bits, name) => bits | (table[name] ?? 0), 0);
}

function namesIn<Table extends Names>(table: Table): NameIn<Table>[] {
  return Object.keys(table);
}
