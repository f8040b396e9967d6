import { readFileSync } from 'node:fs';

/** Memory of a process in MiB. */
export interface Resident {
  readonly now: number;
  /** Without the pages of files that it has mapped. */
  readonly anonymous: number;
  /** The most that it ever had. */
  readonly peak: number;
}

export function residentOf(pid: number | undefined): Resident {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { now: field('VmRSS'), anonymous: field('RssAnon'), peak: field('VmHWM') };
}
