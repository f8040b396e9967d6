import { type Acknowledgement, decodeAcknowledgement } from './message/acknowledgement.ts';
import { errno } from './message/errno.ts';
import {
  aligned,
  decodeMessages,
  encodeMessage,
  flags,
  type Message,
  messageTypes,
  type Request,
} from './message/message.ts';
import { NetlinkError } from './message/netlink-error.ts';
import { concat } from './message/octets.ts';
import type { Socket } from './socket.ts';

/** Readings of a table that keeps changing before we give up; under pod churn two or three are common. */
const maxReadings = 20;

interface Answer {
  readonly messages: readonly Message[];
  readonly verdict: Acknowledgement;
  /** A change of the table fell into the reading: entries may be missing or come twice. */
  readonly interrupted: boolean;
}

/** Requests and their answers over one socket, one at a time. */
export class Exchange {
  readonly #socket: Socket;
  #sequence = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * Sends a request, waits for the kernel's verdict and gives what was answered before it.
   *
   * @param operation in words, for the error
   * @throws NetlinkError the kernel's refusal; ETIMEDOUT when it did not answer
   */
  run(operation: string, request: Request): readonly Message[] {
    return this.#ask(operation, { ...request, flags: request.flags | flags.ACK }).messages;
  }

  /**
   * Sends requests that the kernel does all or none of, as nfnetlink's batches.
   *
   * @param end the mark after them; without it the kernel only says whether it would do them
   * @throws NetlinkError the kernel's refusal of any of them; ETIMEDOUT
   */
  batch(operation: string, begin: Request, requests: readonly Request[], end?: Request): void {
    const first = this.#sequence + 1;
    // The marks aren't answered: the last request tells that all are done.
    const last = first + requests.length;
    const datagram = [begin, ...requests, ...(end ? [end] : [])].map((request) => {
      const sequence = this.#nextSequence();
      const ack = sequence === last ? flags.ACK : 0;
      return padded(
        encodeMessage({ ...request, flags: request.flags | flags.REQUEST | ack, sequence, port: 0 }),
      );
    });
    this.#send(operation, concat(datagram));
    for (;;) {
      for (const message of this.#receive(operation)) {
        const isOfBatch = message.sequence >= first && message.sequence <= this.#sequence;
        if (isOfBatch && message.type === messageTypes.NLMSG_ERROR) {
          succeed(operation, decodeAcknowledgement(message));
          if (message.sequence === last) {
            return;
          }
        }
      }
    }
  }

  /**
   * Reads a table. When the kernel says that it changed meanwhile (NLM_F_DUMP_INTR), it is read again.
   *
   * @throws NetlinkError as `run`; EINTR when it changed during each of the readings
   */
  dump(operation: string, request: Request): readonly Message[] {
    for (let reading = 0; reading < maxReadings; reading++) {
      const answer = this.#ask(operation, request);
      if (!answer.interrupted) {
        return answer.messages;
      }
    }
    throw new NetlinkError(
      operation,
      errno.EINTR,
      `the table changed during each of ${maxReadings} readings`,
    );
  }

  close(): void {
    this.#socket.close();
  }

  #ask(operation: string, request: Request): Answer {
    const sequence = this.#nextSequence();
    const message = { ...request, flags: request.flags | flags.REQUEST, sequence, port: 0 };
    this.#send(operation, encodeMessage(message));
    const answer = this.#collect(operation, sequence);
    succeed(operation, answer.verdict);
    return answer;
  }

  #nextSequence(): number {
    this.#sequence = (this.#sequence + 1) >>> 0;
    return this.#sequence;
  }

  #send(operation: string, datagram: Uint8Array): void {
    const failure = this.#socket.send(datagram);
    if (failure !== 0) {
      throw new NetlinkError(operation, failure);
    }
  }

  #collect(operation: string, sequence: number): Answer {
    const messages: Message[] = [];
    let interrupted = false;
    for (;;) {
      for (const message of this.#receive(operation)) {
        // What a request that timed out left behind comes late and is passed over.
        if (message.sequence !== sequence) {
          continue;
        }
        interrupted ||= (message.flags & flags.DUMP_INTR) !== 0;
        if (message.type === messageTypes.NLMSG_ERROR || message.type === messageTypes.NLMSG_DONE) {
          return { messages, verdict: decodeAcknowledgement(message), interrupted };
        }
        messages.push(message);
      }
    }
  }

  #receive(operation: string): Message[] {
    const datagram = this.#socket.receive();
    if (typeof datagram !== 'number') {
      return decodeMessages(datagram);
    }
    if (datagram === errno.EAGAIN) {
      throw new NetlinkError(operation, errno.ETIMEDOUT, 'the kernel did not answer in time');
    }
    throw new NetlinkError(operation, datagram);
  }
}

/** @throws NetlinkError for a verdict that is a refusal */
function succeed(operation: string, { errno: refusal, message }: Acknowledgement): void {
  if (refusal !== 0) {
    throw new NetlinkError(operation, refusal, message);
  }
}

/** With what aligns the message that follows it. */
function padded(message: Uint8Array): Uint8Array {
  return concat([message, new Uint8Array(aligned(message.length) - message.length)]);
}
