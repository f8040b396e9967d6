import type { GoPart } from './declaration.ts';
import { goPart } from './go-part.ts';

/**
 * Builds those parts that aren't cached yet, one after the other, for one build uses all cores.
 *
 * @param tell is told of each part when it is there
 * @returns the folder of each part's programs, in order
 * @throws Error with Go's own message
 */
export function buildParts(parts: readonly GoPart[], tell: (line: string) => void): string[] {
  return parts.map((part, index) => {
    const started = Date.now();
    const folder = goPart(part);
    const seconds = Math.round((Date.now() - started) / 1000);
    tell(`${index + 1}/${parts.length} ${part.name} ${part.version}: ${seconds} s`);
    return folder;
  });
}
