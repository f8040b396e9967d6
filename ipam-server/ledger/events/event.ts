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

/** Writes changes out as events, once for store, list and watchers alike. */
export type WriteEvent = (id: number, time: number, change: Change) => WrittenEvent;

/**
 * Writes the events of one call. What they have in common is written once, and no object is built that holds all:
 * every allocation pays for this.
 */
export function eventWriter(context: Context): WriteEvent {
  let end: string | undefined;
  let latest = Number.NaN;
  let iso = '';
  return (id, time, change) => {
    end ??= `,${JSON.stringify(context).slice(1)}`;
    if (time !== latest) {
      latest = time;
      iso = new Date(time).toISOString();
    }
    const text = `{"id":${id},"time":"${iso}",${JSON.stringify(change).slice(1, -1)}${end}`;
    return { id, time, addresses: change.addresses, text };
  };
}
