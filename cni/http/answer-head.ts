import { AnswerFault } from './answer-fault.ts';
import { isDigits, readField, readLength, refuseControls, trimmed } from './field.ts';

/** How the end of a body is known: there is none, by its length, by its last chunk, by the end of the connection. */
export type Framing = 'none' | 'chunks' | 'rest' | { readonly length: number };

/** Status line and fields of an answer, line by line. */
export class AnswerHead {
  readonly status: number;
  /** The connection may carry a next request, as far as the fields tell. */
  isKept: boolean;
  readonly #isOld: boolean;
  #length: number | undefined;
  #isChunked = false;

  /** @param line the status line (RFC 9112 §4); @throws AnswerFault */
  constructor(line: string) {
    const [version, code, next] = [line.slice(0, 9), line.slice(9, 12), line[12]];
    const isAnswer = version === 'HTTP/1.1 ' || version === 'HTTP/1.0 ';
    if (!isAnswer || code.length < 3 || !isDigits(code) || (next !== undefined && next !== ' ')) {
      throw new AnswerFault('does not begin as one of HTTP/1.1');
    }
    refuseControls(line);
    this.status = Number(code);
    if (this.status < 100 || this.status > 599 || this.status === 101) {
      throw new AnswerFault(`has the status ${code}`);
    }
    this.#isOld = version === 'HTTP/1.0 ';
    this.isKept = !this.#isOld;
  }

  /** An interim answer has no body, and the true one follows. */
  get isInterim(): boolean {
    return this.status < 200;
  }

  /** @throws AnswerFault */
  add(line: string): void {
    const [name, value] = readField(line);
    switch (name) {
      case 'content-length':
        this.#addLength(readLength(value));
        break;
      case 'transfer-encoding':
        this.#addCoding(value);
        break;
      case 'content-encoding':
        if (value.toLowerCase() !== 'identity') {
          throw new AnswerFault(`is coded as "${value}", which nobody asked for`);
        }
        break;
      case 'connection':
        for (const option of value.split(',')) {
          this.isKept &&= trimmed(option).toLowerCase() !== 'close';
        }
        break;
      default:
    }
  }

  /** Once all fields are there (RFC 9112 §6.3). @throws AnswerFault */
  framing(): Framing {
    if (this.#isChunked && this.#length !== undefined) {
      throw new AnswerFault('has both a length and chunks');
    }
    if (this.isInterim || this.status === 204 || this.status === 304) {
      // A body that is announced all the same would be taken for the next answer.
      this.isKept &&= !this.#isChunked && (this.#length ?? 0) === 0;
      return 'none';
    }
    if (this.#isChunked) {
      return 'chunks';
    }
    if (this.#length === undefined) {
      this.isKept = false;
      return 'rest';
    }
    return this.#length === 0 ? 'none' : { length: this.#length };
  }

  #addLength(length: number): void {
    if (this.#length !== undefined && this.#length !== length) {
      throw new AnswerFault('has two lengths');
    }
    this.#length = length;
  }

  #addCoding(value: string): void {
    if (value.toLowerCase() !== 'chunked' || this.#isChunked || this.#isOld) {
      throw new AnswerFault(`has the transfer coding "${value}"`);
    }
    this.#isChunked = true;
  }
}
