/** CRC-32 as in IEEE 802.3 and zlib, over the UTF-16 units' low and high octets. */
function checksum(text: string): string {
  let crc = 0xffff_ffff;
  for (let i = 0; i < text.length * 2; i++) {
    crc ^= (text.charCodeAt(i >> 1) >> ((i & 1) * 8)) & 0xff;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
    }
  }
  return (~crc >>> 0).toString(16).padStart(8, '0');
}

/** A line of a file that is appended to: checksum, blank, JSON. */
export function encodeLine(value: unknown): string {
  const json = JSON.stringify(value);
  return `${checksum(json)} ${json}\n`;
}

/**
 * What is to be written before a line that is appended: a line that a power cut broke off ends there, and takes no other
 * along.
 *
 * @param tail the file's end, as little of it as there is at hand; empty for an empty file
 */
export function breakAfter(tail: string): '' | '\n' {
  return tail === '' || tail.endsWith('\n') ? '' : '\n';
}

/** What a file of such lines holds. */
export interface Decoded {
  readonly values: readonly unknown[];
  /** How many lines were passed over. */
  readonly damaged: number;
  /** The last line is one of them. */
  readonly isCut: boolean;
}

/** The values of a file's lines in order; lines that a crash cut or a disk damaged are counted and passed over. */
export function decodeLines(text: string): Decoded {
  const lines = text.split('\n').filter((line) => line !== '');
  const values: unknown[] = [];
  let isCut = false;
  for (const line of lines) {
    const json = line.slice(9);
    isCut = line.slice(0, 9) !== `${checksum(json)} `;
    if (!isCut) {
      values.push(JSON.parse(json));
    }
  }
  return { values, damaged: lines.length - values.length, isCut };
}
