import { AnswerReader, type RawAnswer } from './answer-reader.ts';
import type { Connection, TimeLeft } from './connection.bun.ts';
import { TimeoutError } from './timeout.ts';

/** Octets taken from a connection at once. */
const room = 65_536;

/** A request on its way, and its answer. */
export class Exchange {
  readonly connection: Connection;
  readonly #reader = new AnswerReader();
  /** What of the request hasn't gone out yet. */
  #rest: Uint8Array;
  #failure: unknown;

  /** Sends what goes out without waiting; why it doesn't, `finish` tells. */
  constructor(connection: Connection, request: Uint8Array) {
    this.connection = connection;
    this.#rest = request;
    try {
      this.#rest = connection.begin(request);
    } catch (error) {
      this.#failure = error;
    }
  }

  /** Nothing of an answer has come. */
  get isUnanswered(): boolean {
    return this.#reader.isUntouched;
  }

  /** Sends the rest and waits for the answer; after a TimeoutError it may go on. @throws SystemError, TimeoutError, AnswerFault */
  finish(left: TimeLeft): RawAnswer {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    while (this.#rest.length > 0) {
      this.connection.awaitRoom(left);
      this.#rest = this.connection.begin(this.#rest);
    }
    const buffer = new Uint8Array(room);
    for (;;) {
      const size = this.connection.receive(buffer, left);
      if (size === 0) {
        this.#reader.end();
        return this.#reader.answer();
      }
      if (this.#reader.push(buffer.subarray(0, size))) {
        return this.#reader.answer();
      }
      // A server that always has something more to send makes nobody wait, and yet takes the time.
      if (left() <= 0) {
        throw new TimeoutError();
      }
    }
  }
}
