import { Connection } from './connection.bun.ts';
import { Exchange } from './exchange.bun.ts';
import { sendByFetch } from './fetch.bun.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import { type Place, placeOf } from './place.ts';
import { requestText } from './request-text.ts';
import { TimeoutError } from './timeout.ts';

interface Kept {
  readonly authority: string;
  readonly connection: Connection;
  /** It has carried a request, so that the server may have closed it since. */
  readonly isUsed: boolean;
}

/**
 * The plugin's HTTP client. Bun's fetch starts a thread and an event loop, which take longer than the server does: so
 * plain HTTP to an address goes over a socket of our own. HTTPS, and servers by name, go by fetch.
 */
export class HttpClient {
  #kept: Kept | undefined;

  /** Begins to connect, while other work goes on; the next `send` to this server takes the connection over. */
  approach(url: string): void {
    const place = placeOf(url);
    if (place === undefined) {
      return;
    }
    try {
      this.#keep({ authority: place.authority, connection: Connection.open(place), isUsed: false });
    } catch {
      // The request will meet it again, and tell.
    }
  }

  /**
   * The request goes out before this returns its promise: whoever has work of his own does it then, and waits
   * afterwards, for waiting stops the whole thread.
   *
   * @throws SystemError such as ECONNREFUSED; TimeoutError; AnswerFault; whatever fetch throws
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const place = placeOf(request.url);
    if (place === undefined) {
      return sendByFetch(request);
    }
    const until = Bun.nanoseconds() / 1e6 + request.timeoutMs;
    const left = () => until - Bun.nanoseconds() / 1e6;
    const octets = new TextEncoder().encode(requestText(request, place.authority));
    const kept = this.#take(place);
    const exchange = new Exchange(kept?.connection ?? Connection.open(place), octets);
    await undefined;
    try {
      return this.#finish(exchange, place, left);
    } catch (error) {
      // A server closes connections that have waited for a while, and may do so just when one is used again.
      if (!kept?.isUsed || !exchange.isUnanswered || error instanceof TimeoutError) {
        throw error;
      }
      return this.#finish(new Exchange(Connection.open(place), octets), place, left);
    }
  }

  #finish(exchange: Exchange, { authority }: Place, left: () => number): HttpAnswer {
    const { connection } = exchange;
    let isKept = false;
    try {
      const { status, body, ...rest } = exchange.finish(left);
      isKept = rest.isKept;
      return { status, body: new TextDecoder().decode(body) };
    } finally {
      if (isKept) {
        this.#keep({ authority, connection, isUsed: true });
      } else {
        connection.close();
      }
    }
  }

  #keep(kept: Kept): void {
    this.#kept?.connection.close();
    this.#kept = kept;
  }

  #take({ authority }: Place): Kept | undefined {
    const kept = this.#kept;
    if (kept?.authority !== authority) {
      return undefined;
    }
    this.#kept = undefined;
    // What comes before it is asked for is the end of the connection, or no answer to us.
    if (kept.isUsed && kept.connection.isReadable) {
      kept.connection.close();
      return undefined;
    }
    return kept;
  }
}
