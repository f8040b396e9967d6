/** Frame types of HTTP/2 (RFC 9113 §6), as far as one call needs them. */
export const frameTypes = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
} as const;

export const frameFlags = { ack: 0x1, endStream: 0x1, endHeaders: 0x4, padded: 0x8 } as const;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

const headerLength = 9;
/** SETTINGS_MAX_FRAME_SIZE as it is unless one asks for more. */
const longestFrame = 16_384;

export function encodeFrame(type: number, flags: number, stream: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headerLength + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, payload.length << 8);
  frame[3] = type;
  frame[4] = flags;
  view.setUint32(5, stream);
  frame.set(payload, headerLength);
  return frame;
}

/** Frames out of octets as they come. */
export class FrameReader {
  #rest: Uint8Array = new Uint8Array();

  /** @throws RangeError for a frame that is longer than was allowed */
  take(octets: Uint8Array): Frame[] {
    const all = new Uint8Array(this.#rest.length + octets.length);
    all.set(this.#rest);
    all.set(octets, this.#rest.length);
    const view = new DataView(all.buffer);
    const frames: Frame[] = [];
    let at = 0;
    while (at + headerLength <= all.length) {
      const length = view.getUint32(at) >>> 8;
      if (length > longestFrame) {
        throw new RangeError(`an HTTP/2 frame of ${length} octets`);
      }
      const end = at + headerLength + length;
      if (end > all.length) {
        break;
      }
      frames.push({
        type: all[at + 3] ?? 0,
        flags: all[at + 4] ?? 0,
        stream: view.getUint32(at + 5) & 0x7fffffff,
        payload: all.subarray(at + headerLength, end),
      });
      at = end;
    }
    this.#rest = all.slice(at);
    return frames;
  }
}
