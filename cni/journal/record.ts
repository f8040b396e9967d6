import { Fields } from '../../core/cni/fields.ts';
import { present } from '../../core/cni/present.ts';

/** A release that the server doesn't know of yet. */
export interface Release {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
  /** Absent where DEL could not learn it. */
  readonly generation?: number;
}

/** Reports whether both are of one attachment, of whatever generation. */
export function isSameAttachment(
  one: Omit<Release, 'generation'>,
  { network, containerId, ifname }: Omit<Release, 'generation'>,
): boolean {
  return one.network === network && one.containerId === containerId && one.ifname === ifname;
}

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

/** A line of the journal: checksum, blank, JSON. */
export function encodeRelease(release: Release): string {
  const json = JSON.stringify(release);
  return `${checksum(json)} ${json}\n`;
}

/** The releases of a journal in order; lines that a crash cut or a disk damaged are counted and passed over. */
export function decodeReleases(text: string): { releases: Release[]; damaged: number } {
  const lines = text.split('\n').filter((line) => line !== '');
  const releases = lines.map(decodeLine).filter((release) => release !== undefined);
  return { releases, damaged: lines.length - releases.length };
}

function decodeLine(line: string): Release | undefined {
  const json = line.slice(9);
  if (line.slice(0, 9) !== `${checksum(json)} `) {
    return undefined;
  }
  // The checksum is right, so that it was written by encodeRelease.
  const fields = new Fields(JSON.parse(json), () => undefined);
  return {
    network: fields.text('network') ?? '',
    containerId: fields.text('containerId') ?? '',
    ifname: fields.text('ifname') ?? '',
    ...present({ generation: fields.integer('generation', 0, Number.MAX_SAFE_INTEGER) }),
  };
}
