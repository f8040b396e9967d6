/**
 * The path of a value in a document, from the text in which messages name it. Keys may hold dots themselves
 * (`sysctl.net/ipv4/conf/eth0.100/rp_filter`), so that the document decides where one ends.
 *
 * @param at such as `ipam.server[0]`
 */
export function pathIn(document: unknown, at: string): (string | number)[] {
  if (at === '' || typeof document !== 'object' || document === null) {
    return [];
  }
  const index = /^\[(\d+)\]\.?/.exec(at);
  if (index !== null && Array.isArray(document)) {
    const i = Number(index[1]);
    return [i, ...pathIn(document[i], at.slice(index[0].length))];
  }
  const found = Object.entries(document).find(([key]) => at === key || isBelow(at, key));
  if (found === undefined) {
    return [];
  }
  const [key, value] = found;
  return [key, ...pathIn(value, at.slice(key.length).replace(/^\./, ''))];
}

function isBelow(at: string, key: string): boolean {
  return at.startsWith(key) && ['.', '['].includes(at.charAt(key.length));
}
