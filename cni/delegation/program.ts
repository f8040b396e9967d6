/** One run of another plugin's program. */
export interface Start {
  readonly path: string;
  /** All of its variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its standard input. */
  readonly input: string;
  /** A file descriptor that it and its children hold open until they end. */
  readonly held?: number | undefined;
}

/** What a run came to. */
export interface Outcome {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly signal?: string | undefined;
  readonly stdout: string;
}

/** Runs a program to its end. @throws Problem IPAM_PLUGIN_FAILED when it can't be started */
export type Run = (start: Start) => Outcome;
