/** The files of the journal in a state folder: the plugin and the agent share them. */
export interface JournalPlace {
  readonly path: string;
  /** A file of its own, since the journal is replaced when it has been drained. */
  readonly lockPath: string;
  /** What takes its place, while it is being written: half a file is never seen. */
  readonly nextPath: string;
}

export function journalIn(folder: string): JournalPlace {
  const path = `${folder}/journal`;
  return { path, lockPath: `${path}.lock`, nextPath: `${path}.new` };
}
