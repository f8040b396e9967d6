import { Connection } from './connection.bun.ts';
import { Exchange } from './exchange.bun.ts';
import type { Place } from './place.ts';
import { requestText } from './request-text.ts';

/** Milliseconds within which whoever lives answers that it does. */
const pulse = 500;

/** Asks over a connection of its own whether a server lives; whatever it answers, it does. */
export function lives(place: Place): boolean {
  const until = Bun.nanoseconds() / 1e6 + pulse;
  const request = { method: 'GET', url: `http://${place.authority}/healthz`, timeoutMs: pulse } as const;
  let connection: Connection | undefined;
  try {
    connection = Connection.open(place);
    const octets = new TextEncoder().encode(requestText(request, place.authority));
    new Exchange(connection, octets).finish(() => until - Bun.nanoseconds() / 1e6);
    return true;
  } catch {
    return false;
  } finally {
    connection?.close();
  }
}
