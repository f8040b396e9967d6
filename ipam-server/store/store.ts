/** A copy that exists only until it is sent has the store's `copyStem` as its name, this, and more. */
export const copyEnd = '.sending-';

/** Records as a store keeps them: key and JSON text. */
export type Entry = readonly [key: string, value: string];

/** An event as a store keeps it: the text is its JSON, the rest is what it is found by. */
export interface StoredEvent {
  /** Grows with each event, and stays unique for ever. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The addresses whose history it belongs to. */
  readonly addresses: readonly string[];
  readonly text: string;
}

/** What one decision writes: durable at once, all or none. */
export interface Commit {
  /** Changes by key: the new text, or null where the record goes. */
  readonly records: ReadonlyMap<string, string | null>;
  /** In the order of their ids, which come after those of all earlier commits. */
  readonly events: readonly StoredEvent[];
}

/** All of them as one: a later change of a record takes the place of an earlier one. */
export function merged(commits: readonly Commit[]): Commit {
  const [only] = commits;
  if (only !== undefined && commits.length === 1) {
    return only;
  }
  const records = new Map<string, string | null>();
  for (const commit of commits) {
    for (const [key, value] of commit.records) {
      records.set(key, value);
    }
  }
  return { records, events: commits.flatMap(({ events }) => events) };
}

/** Takes some of the records, at once or in time. */
export type TakePart = (part: readonly Entry[]) => Promise<void> | void;

/** Which events are asked for. */
export interface EventQuery {
  /** Only those with a higher id. */
  readonly after: number;
  readonly limit: number;
  /** Only those of this address. */
  readonly address?: string;
}

/**
 * Where the ledger's records and events survive. A store knows keys and texts only, so that each engine is one
 * small class; test/server/store-conformance.test.ts says what every one of them promises.
 */
export interface Store {
  /** What it is, for messages: `memory`, or the kind and the file. */
  readonly name: string;
  /** What the path begins with of a copy that exists only until it is sent; null where there are no copies. */
  readonly copyStem: string | null;
  /** Reports whether what was read last is still the ledger: false once another server may have written to it. */
  readonly isCurrent: boolean;
  /**
   * Reports whether the store was last read without taking a write. What was read counts until it takes one again; that
   * is then refused if anything was written in between.
   */
  readonly isOnlyRead: boolean;
  /**
   * Every record, in parts, so that they are never in memory twice; of one commit all or none. Nothing is
   * committed meanwhile. Events stay where they are: `lastEvent` is the highest id, 0 when there was none ever.
   *
   * @param take each part is waited for before the next one comes
   * @throws Problem STORE_* when they cannot be read
   */
  load(take: TakePart): Promise<{ readonly lastEvent: number }>;
  /**
   * Makes commits durable, in their order, each all or none. Calls come one at a time. A rejection may leave open
   * how many of the first of them were made: who calls must load again.
   */
  commit(commits: readonly Commit[]): Promise<void>;
  /** The events that are asked for, in the order of their ids. */
  events(query: EventQuery): Promise<readonly StoredEvent[]>;
  /** The id of the oldest event that is kept; 0 when there was none ever. */
  oldestEvent(): Promise<number>;
  /**
   * Forgets the events before a time (milliseconds since 1970), the newest event excepted. An event that a
   * wrong clock put into the future goes with those around it.
   */
  forgetEvents(before: number): Promise<void>;
  /**
   * Makes a whole copy in a new file, as of one moment, while commits go on.
   *
   * @throws Problem BACKUP_IMPOSSIBLE, BACKUP_RUNNING, BACKUP_FAILED; nothing is left of a copy that failed
   */
  backup(to: string): Promise<void>;
  /**
   * Looks at what neither `load` nor `events` reads.
   *
   * @throws Problem STORE_DAMAGED
   */
  check(): Promise<void>;
  /** Ends the use of the store; nothing is lost by not calling it. */
  close(): Promise<void>;
}
