import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { isMapping, type Mapping } from './mapping.ts';

/** Lines of YAML that belong under one path: `+` is added, `-` is what stood there before. */
export interface Hunk {
  /** `spec.containers[0]`; the empty text is the pod itself. */
  readonly path: string;
  readonly lines: readonly string[];
}

/** What `after` has otherwise than `before`, each piece under the deepest thing that both have. */
export function differences(before: unknown, after: unknown): Hunk[] {
  return between(before, after, '');
}

function between(before: unknown, after: unknown, path: string): Hunk[] {
  if (isMapping(before) && isMapping(after)) {
    return ofMappings(before, after, path);
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return ofLists(before, after, path);
  }
  return isDeepStrictEqual(before, after)
    ? []
    : [{ path, lines: [...lines('-', before), ...lines('+', after)] }];
}

function ofMappings(before: Mapping, after: Mapping, path: string): Hunk[] {
  const own: string[] = [];
  const deeper: Hunk[] = [];
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (old === undefined || old === null) {
      own.push(...(value === old ? [] : lines('+', entry(key, value))));
    } else if (isContainer(old) && isContainer(value)) {
      deeper.push(...between(old, value, `${path}${step(key, path === '')}`));
    } else if (!isDeepStrictEqual(old, value)) {
      own.push(...lines('-', entry(key, old)), ...lines('+', entry(key, value)));
    }
  }
  return [...(own.length === 0 ? [] : [{ path, lines: own }]), ...deeper];
}

/** Items are changed in their place, or new ones come between the old, which keep their order. */
function ofLists(before: readonly unknown[], after: readonly unknown[], path: string): Hunk[] {
  if (before.length === after.length) {
    return after.flatMap((item, index) => between(before[index], item, `${path}[${index}]`));
  }
  const added: string[] = [];
  let next = 0;
  for (const item of after) {
    if (next < before.length && isDeepStrictEqual(before[next], item)) {
      next++;
    } else {
      added.push(...lines('+', [item]));
    }
  }
  return [{ path, lines: added }];
}

function isContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function entry(key: string, value: unknown): Mapping {
  return Object.fromEntries([[key, value]]);
}

function step(key: string, isFirst: boolean): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? `${isFirst ? '' : '.'}${key}` : `[${JSON.stringify(key)}]`;
}

function lines(sign: '+' | '-', value: unknown): string[] {
  return stringify(value, { lineWidth: 0 })
    .trimEnd()
    .split('\n')
    .map((line) => `${sign} ${line}`);
}
