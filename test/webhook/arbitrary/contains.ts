/**
 * What of `before` is missing in `after` or stands there otherwise, as a path; null when all is there. Items of a list
 * keep their order, others may stand between them; null and absence are the same.
 */
export function missing(before: unknown, after: unknown, path = ''): string | null {
  if (before === null || before === undefined) {
    return null;
  }
  if (Array.isArray(before)) {
    return missingItem(before, Array.isArray(after) ? after : [], path);
  }
  if (typeof before !== 'object') {
    return before === after ? null : path;
  }
  if (typeof after !== 'object' || after === null || Array.isArray(after)) {
    return path;
  }
  for (const [key, value] of Object.entries(before)) {
    const lost = missing(value, Reflect.get(after, key), `${path}/${key}`);
    if (lost !== null) {
      return lost;
    }
  }
  return null;
}

function missingItem(before: readonly unknown[], after: readonly unknown[], path: string): string | null {
  let next = 0;
  for (const [index, item] of before.entries()) {
    const found = after.findIndex((each, at) => at >= next && missing(item, each) === null);
    if (found < 0) {
      return `${path}/${index}`;
    }
    next = found + 1;
  }
  return null;
}
