/** The kernel's numbers by the names that people use for them. */
export type Names = Readonly<Record<string, number>>;

export type NameIn<Table extends Names> = keyof Table & string;

/** The name of a number, undefined for one that the table has not. */
export function nameOf<Table extends Names>(table: Table, value: number): NameIn<Table> | undefined {
  for (const name in table) {
    if (table[name] === value) {
      return name;
    }
  }
  return undefined;
}

/** The names of the bits that are set; bits without a name are passed over. */
export function namesOfBits<Table extends Names>(table: Table, bits: number): NameIn<Table>[] {
  const names: NameIn<Table>[] = [];
  for (const name in table) {
    if ((bits & (table[name] ?? 0)) !== 0) {
      names.push(name);
    }
  }
  return names;
}

export function bitsOfNames<Table extends Names>(table: Table, names: readonly NameIn<Table>[]): number {
  let bits = 0;
  for (const name of names) {
    bits |= table[name] ?? 0;
  }
  return bits;
}
