import type Database from 'libsql';

/** The first column of the first row that a statement answers, if it answers any. */
export function first(database: Database.Database, statement: string): unknown {
  const [row] = database.prepare(statement).all() as Record<string, unknown>[];
  return Object.values(row ?? {})[0];
}

/** Does what `act` does to the file, all or none; @throws what it throws */
export function transaction(database: Database.Database, act: () => void): void {
  try {
    database.exec('BEGIN IMMEDIATE');
    act();
    database.exec('COMMIT');
  } catch (error) {
    // A full disk or an I/O error may have rolled back already.
    if (database.inTransaction) {
      database.exec('ROLLBACK');
    }
    throw error;
  }
}
