import type { PolicyFile } from './policy.ts';

export interface ZoneOrder {
  /** Names, each behind the zone that it is within. */
  readonly names: readonly string[];
  /** Zones that are within each other: each loop once, from its member that stands first in the file. */
  readonly loops: readonly (readonly string[])[];
}

/** Zones that hang on a loop, or on a zone that doesn't exist, are in no order and left out. */
export function parentsFirst(zones: PolicyFile['zones']): ZoneOrder {
  const parents = new Map(Object.entries(zones).map(([name, { within }]) => [name, within]));
  const names: string[] = [];
  const loops: string[][] = [];
  const seen = new Map<string, 'rooted' | 'lost'>();
  for (const start of parents.keys()) {
    const way = new Set<string>();
    let at: string | undefined = start;
    while (at !== undefined && parents.has(at) && !seen.has(at) && !way.has(at)) {
      way.add(at);
      at = parents.get(at);
    }
    if (at !== undefined && way.has(at)) {
      const steps = [...way];
      loops.push(steps.slice(steps.indexOf(at)));
    }
    const state = at === undefined || seen.get(at) === 'rooted' ? 'rooted' : 'lost';
    for (const name of [...way].reverse()) {
      seen.set(name, state);
      if (state === 'rooted') {
        names.push(name);
      }
    }
  }
  return { names, loops };
}
