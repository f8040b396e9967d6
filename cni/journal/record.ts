import { Fields } from '../../core/cni/fields.ts';
import { present } from '../../core/cni/present.ts';
import { decodeLines, encodeLine } from './line.ts';

/** A release that the server doesn't know of yet. */
export interface Release {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
  /** Absent where DEL could not learn it. */
  readonly generation?: number;
  /** Of the agent's last attachment when DEL came: what began later under this name isn't meant. */
  readonly serial?: number;
}

/** Reports whether both are of one attachment, of whatever generation. */
export function isSameAttachment(
  one: Omit<Release, 'generation'>,
  { network, containerId, ifname }: Omit<Release, 'generation'>,
): boolean {
  return one.network === network && one.containerId === containerId && one.ifname === ifname;
}

/** A line of the journal. */
export function encodeRelease(release: Release): string {
  return encodeLine(release);
}

/** The releases of a journal in order; lines that a crash cut or a disk damaged are counted and passed over. */
export function decodeReleases(text: string): { releases: Release[]; damaged: number } {
  const { values, damaged } = decodeLines(text);
  return { releases: values.map(readRelease), damaged };
}

function readRelease(value: unknown): Release {
  // The checksum is right, so that it was written by encodeRelease.
  const fields = new Fields(value, () => undefined);
  return {
    network: fields.text('network') ?? '',
    containerId: fields.text('containerId') ?? '',
    ifname: fields.text('ifname') ?? '',
    ...present({
      generation: fields.integer('generation', 0, Number.MAX_SAFE_INTEGER),
      serial: fields.integer('serial', 0, Number.MAX_SAFE_INTEGER),
    }),
  };
}
