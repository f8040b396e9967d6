import type { LedgerEvent } from '../../../schema/event.ts';

/** Who makes a change, and by which call; part of every event that tells of it. */
export interface Context {
  /** The name or role of a token, or `server` for what the server does by itself. */
  readonly actor: string;
  /** The address that the request came from. */
  readonly from?: string;
  /** The request’s id, as in the log. */
  readonly request?: string;
}

/** What the server does by itself. */
export const byServer: Context = { actor: 'server' };

/** What happened, before it has its place in the row of events. */
export type Change = Omit<LedgerEvent, 'id' | 'time' | 'actor' | 'from' | 'request'>;

/** An event with what it is found by; the text is the JSON of a LedgerEvent. */
export interface WrittenEvent {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly addresses: readonly string[];
  readonly text: string;
}

/** A change in its place, written out once for store, list and watchers alike. */
export function eventOf(id: number, time: number, change: Change, context: Context): WrittenEvent {
  const event: LedgerEvent = { id, time: new Date(time).toISOString(), ...change, ...context };
  return { id, time, addresses: change.addresses, text: JSON.stringify(event) };
}
