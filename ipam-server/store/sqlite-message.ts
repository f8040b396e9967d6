import type { Entry } from './store.ts';

/** What the store asks its worker, one at a time; `open` comes first. */
export type SqliteRequest =
  | { readonly do: 'open'; readonly file: string }
  | { readonly do: 'load' }
  | { readonly do: 'commit'; readonly changes: readonly (readonly [key: string, value: string | null])[] }
  | { readonly do: 'close' };

/** What the worker answers, in order. `code` is SQLite's, such as SQLITE_FULL. */
export type SqliteReply =
  | { readonly ok: true; readonly entries?: readonly Entry[] }
  | { readonly ok: false; readonly code: string; readonly message: string };
