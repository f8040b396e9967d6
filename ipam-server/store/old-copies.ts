import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Milliseconds after which a copy that nobody uses is one of a process that was killed. */
const longest = 3_600_000;

/** Removes what killed processes have left of copies; @param stem what their names begin with */
export async function removeOldCopies(folder: string, stem: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(stem));
  for (const path of names.map((name) => join(folder, name))) {
    const at = await stat(path).catch(() => null);
    if (at !== null && Date.now() - at.mtimeMs > longest) {
      await rm(path, { recursive: true, force: true });
    }
  }
}
