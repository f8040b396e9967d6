import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type Entry, programEntry } from './entry.ts';

const triple = process.arch === 'x64' ? 'x86_64-linux-gnu' : 'aarch64-linux-gnu';

/** Where Debian's loader looks for libraries. */
export const libraryFolder = `/usr/lib/${triple}`;
/** Its own place, which every program's header names. */
export const loader = process.arch === 'x64' ? '/lib64/ld-linux-x86-64.so.2' : '/lib/ld-linux-aarch64.so.1';

/**
 * The shared libraries that programs need, to be put where the loader looks for them.
 *
 * @param root where packages are unpacked that the machine doesn't have; libraries are looked for there, too
 * @throws Error when one is missing
 */
export function librariesOf(programs: readonly string[], root = '/'): Entry[] {
  const places = [libraryFolder, `/lib/${triple}`].map((place) => join(root, place));
  const env = { ...process.env, LD_LIBRARY_PATH: places.join(':') };
  const found = new Map<string, Entry>([[loader, programEntry(loader, loader)]]);
  for (const program of programs) {
    const text = execFileSync('ldd', [program], { encoding: 'utf8', env });
    if (text.includes('not found')) {
      throw new Error(`${program} lacks libraries:\n${text}`);
    }
    for (const [, name = '', file = ''] of text.matchAll(/^\s*(\S+) => (\/\S+) /gm)) {
      const path = join(libraryFolder, name);
      found.set(path, programEntry(path, file));
    }
  }
  return [...found.values()];
}
