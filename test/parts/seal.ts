import { createHash } from 'node:crypto';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

/** What is kept beside a cached file: what it held when it was whole, and what it was made from. */
interface Seal {
  readonly sha256: string;
  readonly recipe: string;
}

const sealOf = (file: string): string => `${file}.seal`;
/** What has been read and found whole, so that this is done once a process: 100 MB take an eighth of a second. */
const seen = new Map<string, string>();

/** SHA-256 in hexadecimal. */
export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Says of a file what it holds and what it was made from. The seal comes first: a file without one is no good. */
export function seal(file: string, recipe: string, content: Buffer): void {
  const text: Seal = { sha256: sha256(content), recipe };
  writeFileSync(`${sealOf(file)}.${process.pid}`, JSON.stringify(text));
  renameSync(`${sealOf(file)}.${process.pid}`, sealOf(file));
}

/** Whether a cached file is there, as it was when it was sealed, and made by this recipe. */
export function isWhole(file: string, recipe: string): boolean {
  try {
    const { sha256: expected, recipe: made } = JSON.parse(readFileSync(sealOf(file), 'utf8')) as Seal;
    const { size, mtimeMs } = statSync(file);
    const now = [expected, size, mtimeMs].join(' ');
    if (made === recipe && seen.get(file) !== now && sha256(readFileSync(file)) === expected) {
      seen.set(file, now);
    }
    return made === recipe && seen.get(file) === now;
  } catch {
    // No file, no seal, or one that was cut.
    return false;
  }
}
