import { Problem } from '../../core/problem/problem.ts';

/** Levels of objects and lists in a body; no call of this server needs more than seven. */
const deepest = 32;

/**
 * The number of members of all objects of a JSON text, repeated ones too: outside strings each has one colon.
 * Octets of longer characters are never those of a mark (RFC 3629), and reading octets is cheaper.
 *
 * @throws Problem INVALID_JSON where it nests too deep; other faults are left to the parser
 */
export function countMembers(octets: Uint8Array): number {
  let members = 0;
  let depth = 0;
  for (let at = 0; at < octets.length; at++) {
    switch (octets[at]) {
      case 0x22: // "
        at = endOfString(octets, at);
        break;
      case 0x3a: // :
        members++;
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth++;
        if (depth > deepest) {
          throw new Problem('INVALID_JSON', `the body nests deeper than ${deepest} levels`);
        }
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
    }
  }
  return members;
}

/** Where the string ends that begins at a quotation mark. */
function endOfString(octets: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < octets.length && octets[at] !== 0x22) {
    at += octets[at] === 0x5c ? 2 : 1;
  }
  return at;
}

/** The number of members of all objects in a value that was parsed from JSON. */
export function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) {
    return 0;
  }
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      members += membersOf(item);
    }
    return members;
  }
  // All are own: a parsed object inherits nothing that is enumerable.
  for (const key in value) {
    members += 1 + membersOf((value as Record<string, unknown>)[key]);
  }
  return members;
}

/** Where a walk through a JSON text stands: an object has names, a list the index of its item. */
interface Level {
  readonly names: Set<string> | null;
  at: string;
}

/** A text, or a mark; numbers and words between them say nothing about keys. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}[\],]/gs;

/** The path of the first member whose name its object has already, with dots; null when there is none. */
export function repeatedMember(json: string): string | null {
  const levels: Level[] = [];
  for (const [token, mark] of json.matchAll(tokens)) {
    const level = levels.at(-1);
    if (token === '{' || token === '[') {
      levels.push(token === '{' ? { names: new Set(), at: '' } : { names: null, at: '0' });
    } else if (token === '}' || token === ']') {
      levels.pop();
    } else if (token === ',' && level?.names === null) {
      level.at = String(Number(level.at) + 1);
    } else if (mark !== undefined && level?.names) {
      level.at = JSON.parse(token.slice(0, -mark.length));
      if (level.names.has(level.at)) {
        return levels.map(({ at }) => at).join('.');
      }
      level.names.add(level.at);
    }
  }
  return null;
}
