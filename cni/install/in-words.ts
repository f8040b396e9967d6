/** How many a message names before it counts the rest. */
const named = 5;

/** A list that may be long, for one line. */
export function inWords(list: readonly string[]): string {
  const more = list.length > named ? [`and ${list.length - named} more`] : [];
  return [...list.slice(0, named), ...more].join('; ');
}
