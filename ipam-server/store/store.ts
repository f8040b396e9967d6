/** Records as a store keeps them: key and JSON text. */
export type Entry = readonly [key: string, value: string];

/** Changes by key: the new text, or null where the record goes. */
export type Batch = ReadonlyMap<string, string | null>;

/**
 * Where the ledger's records survive. A store knows keys and texts only, so that each engine is one small
 * class; test/server/store-conformance.ts says what every one of them promises.
 */
export interface Store {
  /** What it is, for messages: `memory`, or the kind and the file. */
  readonly name: string;
  /** Every record; of one commit all or none. @throws Problem STORE_* when they cannot be read. */
  load(): Promise<readonly Entry[]>;
  /**
   * Makes the changes durable, all or none. Commits come one at a time. A rejection may leave open whether the
   * changes were made: who calls must load again.
   */
  commit(batch: Batch): Promise<void>;
  /** Ends the use of the store; nothing is lost by not calling it. */
  close(): Promise<void>;
}
