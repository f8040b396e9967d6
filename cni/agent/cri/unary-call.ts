import { encodeFrame, type Frame, FrameReader, frameFlags, frameTypes } from './http2-frame.ts';

/** RFC 9113 §3.4. */
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
/** SETTINGS_* of RFC 9113 §6.5.2. */
const settings = { headerTableSize: 1, enablePush: 2, initialWindowSize: 4 } as const;
const stream = 1;
/** All windows as wide as can be: one answer, which is bounded by `longestAnswer`, and then the end. */
const widest = 0x7fffffff;
const usualWindow = 65_535;
/** gRPC's own limit, unless one asks for more. */
const longestAnswer = 4 * 1024 * 1024;
/** Before each message: compressed or not, and its length. */
const messageHeader = 5;

/**
 * One gRPC call without a stream, on a connection of its own: gRPC is a POST over HTTP/2. What carries the octets is
 * somebody else's. The status that follows an answer isn't read: a call that failed has no message.
 */
export class UnaryCall {
  readonly #reader = new FrameReader();
  #body: Uint8Array[] = [];
  #length = 0;
  #result: Uint8Array | undefined;

  /** What is sent first. @param method such as `/runtime.v1.RuntimeService/Version` */
  static request(method: string, message: Uint8Array): Uint8Array {
    const framed = new Uint8Array(messageHeader + message.length);
    new DataView(framed.buffer).setUint32(1, message.length);
    framed.set(message, messageHeader);
    return joined([
      octetsOf(preface),
      encodeFrame(frameTypes.settings, 0, 0, encodeSettings()),
      encodeFrame(frameTypes.windowUpdate, 0, 0, number32(widest - usualWindow)),
      encodeFrame(frameTypes.headers, frameFlags.endHeaders, stream, encodeHeaders(method)),
      encodeFrame(frameTypes.data, frameFlags.endStream, stream, framed),
    ]);
  }

  /** The answer's message, once it is whole. */
  get result(): Uint8Array | undefined {
    return this.#result;
  }

  /**
   * Takes what came.
   *
   * @returns what is to be sent in turn
   * @throws Error when the other side refuses, or speaks something else
   */
  take(octets: Uint8Array): Uint8Array {
    return joined(this.#reader.take(octets).map((frame) => this.#answerTo(frame)));
  }

  #answerTo(frame: Frame): Uint8Array {
    const nothing = new Uint8Array();
    switch (frame.type) {
      case frameTypes.settings:
        return frame.flags & frameFlags.ack
          ? nothing
          : encodeFrame(frameTypes.settings, frameFlags.ack, 0, nothing);
      case frameTypes.ping:
        return frame.flags & frameFlags.ack
          ? nothing
          : encodeFrame(frameTypes.ping, frameFlags.ack, 0, frame.payload);
      case frameTypes.data:
        this.#gather(frame);
        break;
      case frameTypes.reset:
      case frameTypes.goAway:
        throw new Error('the other side broke the call off');
    }
    const isEnd = frame.stream === stream && (frame.flags & frameFlags.endStream) !== 0;
    if (isEnd && (frame.type === frameTypes.data || frame.type === frameTypes.headers)) {
      this.#finish();
    }
    return nothing;
  }

  #gather({ payload, flags }: Frame): void {
    const isPadded = (flags & frameFlags.padded) !== 0;
    const part = isPadded ? payload.subarray(1, payload.length - (payload[0] ?? 0)) : payload;
    this.#length += part.length;
    if (this.#length > longestAnswer) {
      throw new Error(`the answer is longer than ${longestAnswer} octets`);
    }
    this.#body.push(part.slice());
  }

  #finish(): void {
    const body = joined(this.#body);
    const length = body.length < messageHeader ? -1 : new DataView(body.buffer).getUint32(1);
    if (length < 0) {
      throw new Error('the call was refused');
    }
    if (body[0] !== 0 || body.length !== messageHeader + length) {
      throw new Error('the answer is no plain message');
    }
    this.#result = body.subarray(messageHeader);
  }
}

function encodeSettings(): Uint8Array {
  // No table: then the header fields of answers need not be followed.
  const pairs = [
    [settings.headerTableSize, 0],
    [settings.enablePush, 0],
    [settings.initialWindowSize, widest],
  ] as const;
  return joined(pairs.map(([key, value]) => joined([Uint8Array.of(0, key), number32(value)])));
}

/** HPACK (RFC 7541) without tables or Huffman: indexes of the static table, the rest in full. */
function encodeHeaders(path: string): Uint8Array {
  const [post, http] = [0x83, 0x86];
  const [authority, pathName, contentType] = [1, 4, 31];
  return joined([
    Uint8Array.of(post, http),
    withoutIndexing(pathName, path),
    withoutIndexing(authority, 'localhost'),
    withoutIndexing(contentType, 'application/grpc'),
    joined([Uint8Array.of(0), literal('te'), literal('trailers')]),
  ]);
}

/** A field whose name is in the static table; four bits have room for indexes up to 14. */
function withoutIndexing(name: number, value: string): Uint8Array {
  const index = name < 15 ? Uint8Array.of(name) : Uint8Array.of(15, name - 15);
  return joined([index, literal(value)]);
}

/** A text of less than 127 octets. */
function literal(text: string): Uint8Array {
  return joined([Uint8Array.of(text.length), octetsOf(text)]);
}

function octetsOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function number32(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, value);
  return octets;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
