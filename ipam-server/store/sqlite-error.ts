/** An error of the file itself, with a code as SQLite's are. */
export class SqliteFileError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
