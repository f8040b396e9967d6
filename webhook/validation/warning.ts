/** Kubernetes asks for warnings of at most so many characters, and cuts longer ones. */
export const mostCharacters = 120;

/** A text as a warning for kubectl's user: one line of printable characters, cut where it is too long. */
export function asWarning(text: string): string {
  const printable = [...text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()];
  return printable.length <= mostCharacters
    ? printable.join('')
    : `${printable
        .slice(0, mostCharacters - 1)
        .join('')
        .trimEnd()}…`;
}
