import { concat } from '../../netlink/message/octets.ts';
import { AnswerFault } from './answer-fault.ts';
import { AnswerHead, type Framing } from './answer-head.ts';
import { readChunkSize, readField } from './field.ts';

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  /** The connection may carry a next request. */
  readonly isKept: boolean;
}

/** Octets of status line and fields, and of the body; a page of 1000 allocations has half a million. */
const [mostHead, mostBody] = [16_384, 16_777_216];
const [LF, CR] = [10, 13];

/** What comes next. */
type State = 'status' | 'fields' | 'counted' | 'size' | 'chunk' | 'chunk end' | 'trailers' | 'rest' | 'done';

/**
 * Reads one answer from the octets of a connection, however they are cut. Strict where leniency would let two readers
 * see different answers (RFC 9112 §11): CRLF only, no folded fields, one length, one coding.
 *
 * Plain loops and no regular expressions, as in the netlink messages: the plugin is a new process for every pod.
 */
export class AnswerReader {
  #state: State = 'status';
  #pending: Uint8Array = new Uint8Array(0);
  #head: AnswerHead | undefined;
  readonly #body: Uint8Array[] = [];
  #headOctets = 0;
  #bodyOctets = 0;
  /** Octets that the body, or the chunk at hand, still has. */
  #due = 0;

  /** Nothing has come yet. */
  get isUntouched(): boolean {
    return this.#head === undefined && this.#pending.length === 0;
  }

  /** Takes what came; the octets may be used again afterwards. @returns whether the answer is whole; @throws AnswerFault */
  push(octets: Uint8Array): boolean {
    this.#pending = concat([this.#pending, octets]);
    while (this.#state !== 'done' && this.#step()) {
      // Each step takes something of what is pending.
    }
    return this.#state === 'done';
  }

  /** The other side has closed the connection. @throws AnswerFault when the answer isn't whole then */
  end(): void {
    if (this.#state !== 'rest' && this.#state !== 'done') {
      throw new AnswerFault(this.isUntouched ? 'is missing: the connection was closed' : 'is cut short');
    }
    this.#state = 'done';
  }

  /** Once it is whole. */
  answer(): RawAnswer {
    const { status = 0, isKept = false } = this.#head ?? {};
    return { status, body: concat(this.#body), isKept: isKept && this.#pending.length === 0 };
  }

  /** @returns false when more octets are needed */
  #step(): boolean {
    switch (this.#state) {
      case 'counted':
      case 'chunk':
        return this.#takeDue();
      case 'rest':
        return this.#takeBody(this.#pending.length);
      default: {
        const line = this.#takeLine();
        this.#state = line === undefined ? this.#state : this.#read(line);
        return line !== undefined;
      }
    }
  }

  /** @returns what comes after this line */
  #read(line: string): State {
    switch (this.#state) {
      case 'status':
        this.#head = new AnswerHead(line);
        return 'fields';
      case 'fields':
        if (line === '') {
          return this.#afterFields();
        }
        this.#head?.add(line);
        return 'fields';
      case 'size':
        this.#headOctets = 0;
        this.#due = readChunkSize(line);
        return this.#due === 0 ? 'trailers' : 'chunk';
      case 'chunk end':
        if (line !== '') {
          throw new AnswerFault('has a chunk that is longer than it says');
        }
        return 'size';
      default:
        if (line === '') {
          return 'done';
        }
        readField(line);
        return 'trailers';
    }
  }

  #afterFields(): State {
    this.#headOctets = 0;
    const framing: Framing = this.#head?.framing() ?? 'none';
    if (typeof framing === 'object') {
      this.#due = framing.length;
      return 'counted';
    }
    switch (framing) {
      case 'chunks':
        return 'size';
      case 'rest':
        return 'rest';
      case 'none':
        return this.#head?.isInterim ? 'status' : 'done';
    }
  }

  #takeDue(): boolean {
    if (this.#due > mostBody) {
      throw tooLong();
    }
    const size = Math.min(this.#due, this.#pending.length);
    this.#due -= size;
    if (this.#due === 0) {
      this.#state = this.#state === 'chunk' ? 'chunk end' : 'done';
    }
    return this.#takeBody(size);
  }

  #takeBody(size: number): boolean {
    this.#bodyOctets += size;
    if (this.#bodyOctets > mostBody) {
      throw tooLong();
    }
    this.#body.push(this.#pending.subarray(0, size));
    this.#pending = this.#pending.subarray(size);
    return size > 0;
  }

  /** A line without its CRLF, read as Latin-1. */
  #takeLine(): string | undefined {
    const end = this.#pending.indexOf(LF);
    const size = end < 0 ? this.#pending.length : end + 1;
    if (this.#headOctets + size > mostHead) {
      throw new AnswerFault(`has a head of more than ${mostHead} octets`);
    }
    if (end < 0) {
      return undefined;
    }
    if (this.#pending[end - 1] !== CR) {
      throw new AnswerFault('has a line that ends without a carriage return');
    }
    this.#headOctets += size;
    // Spreading typed arrays into arguments costs 0.1 ms the first time.
    const signs: ArrayLike<number> = this.#pending.subarray(0, end - 1);
    const line: string = Reflect.apply(String.fromCharCode, undefined, signs);
    this.#pending = this.#pending.subarray(size);
    return line;
  }
}

function tooLong(): AnswerFault {
  return new AnswerFault(`is longer than ${mostBody} octets`);
}
