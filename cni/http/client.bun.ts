import { errno } from '../../netlink/message/errno.ts';
import { SystemError } from '../../netlink/system-error.ts';
import { Connection, type TimeLeft } from './connection.bun.ts';
import { Exchange } from './exchange.bun.ts';
import { sendByFetch } from './fetch.bun.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import { HungError } from './hung.ts';
import { type Place, placeOf } from './place.ts';
import { requestText } from './request-text.ts';
import { TimeoutError } from './timeout.ts';
import { lives } from './vitals.bun.ts';

interface Kept {
  readonly key: string;
  readonly connection: Connection;
  /** It has carried a request, so that the server may have closed it since. */
  readonly isUsed: boolean;
}

/** Milliseconds after which a silent Unix socket is asked whether somebody lives behind it, and asked again. */
const [firstLook, nextLook] = [500, 1_500];
/** Milliseconds that a Unix socket may have no room for one more connection. */
const crowdedFor = 1_000;

/**
 * The plugin's HTTP client. Bun's fetch starts a thread and an event loop, which take longer than the server does: so
 * plain HTTP to an address or a Unix socket goes over a socket of our own. HTTPS, and servers by name, go by fetch.
 */
export class HttpClient {
  #kept: Kept | undefined;

  /**
   * Begins to connect, while other work goes on; the next `send` to this server takes the connection over.
   *
   * @returns whether the connection has begun; by a Unix socket it stands then
   */
  approach(target: Pick<HttpRequest, 'url' | 'socket'>): boolean {
    const place = placeOf(target);
    if (place === undefined) {
      return false;
    }
    try {
      this.#keep({ key: place.key, connection: Connection.open(place), isUsed: false });
      return true;
    } catch {
      // The request will meet it again, and tell.
      return false;
    }
  }

  /**
   * The request goes out before this returns its promise: whoever has work of his own does it then, and waits
   * afterwards, for waiting stops the whole thread.
   *
   * @throws SystemError such as ECONNREFUSED; TimeoutError; HungError; AnswerFault; whatever fetch throws
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const place = placeOf(request);
    if (place === undefined) {
      return sendByFetch(request);
    }
    const left = timer(request.timeoutMs);
    const octets = new TextEncoder().encode(requestText(request, place.authority));
    const kept = this.#take(place);
    const exchange = new Exchange(kept?.connection ?? connect(place), octets);
    await undefined;
    try {
      return this.#finish(exchange, place, left);
    } catch (error) {
      // A server closes connections that have waited for a while, and may do so just when one is used again.
      const isSilent = error instanceof TimeoutError || error instanceof HungError;
      if (!kept?.isUsed || !exchange.isUnanswered || isSilent) {
        throw error;
      }
      return this.#finish(new Exchange(connect(place), octets), place, left);
    }
  }

  #finish(exchange: Exchange, place: Place, left: TimeLeft): HttpAnswer {
    const { connection } = exchange;
    let isKept = false;
    try {
      const { status, body, ...rest } = place.isLocal
        ? outlast(exchange, place, left)
        : exchange.finish(left);
      isKept = rest.isKept;
      return { status, body: new TextDecoder().decode(body) };
    } finally {
      if (isKept) {
        this.#keep({ key: place.key, connection, isUsed: true });
      } else {
        connection.close();
      }
    }
  }

  #keep(kept: Kept): void {
    this.#kept?.connection.close();
    this.#kept = kept;
  }

  #take({ key }: Place): Kept | undefined {
    const kept = this.#kept;
    if (kept?.key !== key) {
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

/** Milliseconds that are left, from now on. */
function timer(milliseconds: number): TimeLeft {
  const until = Bun.nanoseconds() / 1e6 + milliseconds;
  return () => until - Bun.nanoseconds() / 1e6;
}

/** A process may be slow for good reasons: it is waited for as long as it says that it lives. @throws HungError */
function outlast(exchange: Exchange, place: Place, left: TimeLeft): ReturnType<Exchange['finish']> {
  for (let look = firstLook; ; look = nextLook) {
    const soon = timer(look);
    try {
      return exchange.finish(() => Math.min(soon(), left()));
    } catch (error) {
      if (!(error instanceof TimeoutError) || left() <= 0) {
        throw error;
      }
      if (!lives(place)) {
        throw new HungError();
      }
    }
  }
}

/** A Unix socket whose queue is full says EAGAIN at once, where TCP would wait (connect(2)). */
function connect(place: Place): Connection {
  const left = timer(crowdedFor);
  for (;;) {
    try {
      return Connection.open(place);
    } catch (error) {
      const isCrowded = place.isLocal && error instanceof SystemError && error.errno === errno.EAGAIN;
      if (!isCrowded || left() <= 0) {
        throw error;
      }
      Bun.sleepSync(5);
    }
  }
}
