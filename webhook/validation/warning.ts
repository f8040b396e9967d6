import { printable } from '../../core/printable.ts';

/** Kubernetes asks for warnings of at most so many characters, and cuts longer ones. */
export const mostCharacters = 120;

/** A text as a warning for kubectl's user: one line of printable characters, cut where it is too long. */
export function asWarning(text: string): string {
  return printable(text, mostCharacters);
}
