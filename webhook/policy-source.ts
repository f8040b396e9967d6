import { WatchedFiles } from '../service/watched-files.ts';
import type { Companion } from './companion.ts';
import { readStartFile } from './start-file.ts';

/** Hears of what becomes of a policy's text while the webhook runs. */
export interface PolicyListener {
  changed(text: string): void;
  /** It is gone, or can't be read (any more). */
  lost(reason: string): void;
}

/** Where a policy is kept. */
export interface PolicySource {
  /** As it stands in front of line numbers. */
  readonly name: string;
  /** The text at the start. */
  readonly first: string;
  /** Tells of changes since `first`. */
  watched(listener: PolicyListener): Companion;
}

/** @throws StartError when the file can't be read */
export function policyFromFile(name: string): PolicySource {
  const first = readStartFile(name);
  return {
    name,
    first: first.toString('utf8'),
    watched: ({ changed, lost }) =>
      new WatchedFiles([name], [first], {
        changed: ([contents]) => contents && changed(contents.toString('utf8')),
        unreadable: lost,
      }),
  };
}
