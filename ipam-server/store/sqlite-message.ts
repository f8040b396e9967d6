import type { Entry, EventQuery, StoredEvent } from './store.ts';

/** What the store asks its worker, one at a time; `open` comes first. */
export type SqliteRequest =
  | { readonly do: 'open'; readonly file: string }
  | { readonly do: 'load'; readonly from: number }
  | {
      readonly do: 'commit';
      readonly records: readonly (readonly [key: string, value: string | null])[];
      readonly events: readonly StoredEvent[];
    }
  | { readonly do: 'events'; readonly query: EventQuery }
  | { readonly do: 'oldest-event' }
  | { readonly do: 'forget-events'; readonly before: number }
  | { readonly do: 'begin-backup' }
  | { readonly do: 'end-backup' }
  | { readonly do: 'check' }
  | { readonly do: 'close' };

/** What each of them is answered with. */
export interface SqliteAnswers {
  readonly open: null;
  readonly load: {
    readonly entries: readonly Entry[];
    readonly next: number | null;
    readonly lastEvent: number;
  };
  readonly commit: null;
  readonly events: readonly StoredEvent[];
  readonly 'oldest-event': number;
  /** Whether there may be more to forget. */
  readonly 'forget-events': boolean;
  readonly 'begin-backup': { readonly descriptor: number; readonly length: number };
  readonly 'end-backup': null;
  readonly check: null;
  readonly close: null;
}

/** What the worker answers, in order. `code` is SQLite's, such as SQLITE_FULL. */
export type SqliteReply =
  | { readonly ok: true; readonly answer: SqliteAnswers[keyof SqliteAnswers] }
  | { readonly ok: false; readonly code: string; readonly message: string };
