import { files } from '../files.ts';

/**
 * Where a file is written before it takes its place, in the same folder. The dot and the ending keep runtimes from
 * taking it for a configuration or a plugin. The name is always the same, so that the next install finds what a killed
 * one left.
 */
export function draftOf(path: string): string {
  const slash = path.lastIndexOf('/') + 1;
  return `${path.slice(0, slash)}.${path.slice(slash)}.new`;
}

/** @returns whether there was one, left by an install that was killed */
export function clearDraft(path: string): boolean {
  const { lstatSync, rmSync } = files();
  const isThere = lstatSync(draftOf(path), { throwIfNoEntry: false }) !== undefined;
  if (isThere) {
    rmSync(draftOf(path));
  }
  return isThere;
}

/** Makes a file's octets, or a folder's names, outlive a power cut. */
export function sync(path: string): void {
  const { closeSync, fsyncSync, openSync } = files();
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
