/**
 * Somebody else's text for a message or a log: one line of printable characters, cut where it is longer than `most`.
 *
 * @example printable('a\n\u001b[31mb', 120) === 'a [31mb'
 */
export function printable(text: string, most: number): string {
  // Far more than is shown is not looked at: it may be megabytes.
  const start = text.slice(0, most * 20);
  const characters = [...start.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()];
  if (characters.length <= most && start.length === text.length) {
    return characters.join('');
  }
  return `${characters
    .slice(0, most - 1)
    .join('')
    .trimEnd()}…`;
}
