/**
 * Reports whether the whole of `text` fits `pattern`, in which `*` stands for any run of characters and
 * everything else for itself. No regular expression: a pattern with many stars would make one crawl.
 */
export function fitsGlob(text: string, pattern: string): boolean {
  return compileGlob(pattern)(text);
}

/** The same for a pattern that is used often: taken apart once. */
export function compileGlob(pattern: string): (text: string) => boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) {
    return (text) => text === pattern;
  }
  return (text) => fitsBetween(text, head, rest, tail);
}

function fitsBetween(text: string, head: string, parts: readonly string[], tail: string): boolean {
  if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) {
    return false;
  }
  const end = text.length - tail.length;
  let at = head.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) {
      return false;
    }
    at = found + part.length;
  }
  return true;
}
