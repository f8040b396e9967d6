/** A field of a message: numbers of any width as they stand, or the octets of a text or message. */
export interface ProtobufField {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** Wire types of the encoding (protobuf.dev/programming-guides/encoding). */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * The fields of a message in their order.
 *
 * @throws RangeError when it is cut off, or no message
 */
export function* fieldsOf(message: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const octet = message[at++];
      if (octet === undefined) {
        throw new RangeError('a message that is cut off');
      }
      // Beyond 2^53 the number is not exact; nobody reads such a one.
      value += (octet & 0x7f) * 2 ** shift;
      if (octet < 0x80) {
        return value;
      }
    }
    throw new RangeError('a number of more than ten octets');
  };
  const octets = (length: number): Uint8Array => {
    const part = message.subarray(at, at + length);
    if (part.length !== length) {
      throw new RangeError('a message that is cut off');
    }
    at += length;
    return part;
  };
  while (at < message.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    switch (key % 8) {
      case wire.varint:
        yield { number, value: varint() };
        break;
      case wire.bytes:
        yield { number, value: octets(varint()) };
        break;
      case wire.fixed64:
        octets(8);
        break;
      case wire.fixed32:
        octets(4);
        break;
      default:
        throw new RangeError(`wire type ${key % 8}`);
    }
  }
}
